//! Names of kernel addresses, users, cgroups.
