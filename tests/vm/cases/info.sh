# What the kernel can do; asked, not concluded from its version.
. /cases/lib.sh

traced "features" --info && sed 's/^/    /' out && ok "features are told"
traced "version" -V && ok "version"
