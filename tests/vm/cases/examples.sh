# Every example loads and attaches.
. /cases/lib.sh

for example in /examples/*.bt; do
    traced "${example##*/}" --dry-run "$example" 1 1 && ok "${example##*/}"
done
