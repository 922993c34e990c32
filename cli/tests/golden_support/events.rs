//! Which events the machine that never changes has.

use std::path::Path;
use std::sync::OnceLock;
use trapline_lang::catalog::file::FileCatalog;
use trapline_lang::syscall::Abi;

const CPUS: u32 = 4;

/// The events whose format files lie in `tests/golden/catalog`.
pub(crate) fn catalog() -> &'static FileCatalog {
    static CATALOG: OnceLock<FileCatalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/catalog");
        let mut catalog = FileCatalog::new(Abi::X86_64, CPUS);
        for category in std::fs::read_dir(root).expect("the catalog can be read") {
            let category = category.expect("the catalog can be read").path();
            for event in std::fs::read_dir(&category).expect("the catalog can be read") {
                let event = event.expect("the catalog can be read").path();
                let format = std::fs::read_to_string(&event).expect("the catalog can be read");
                catalog.add(&stem(&category), &stem(&event), &format);
            }
        }
        catalog.add_cgroup("/sys/fs/cgroup/system.slice", 42);
        catalog
    })
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
