//! How much room the disk has on which uploads are gathered and kept, and how much of it must stay free, so that a
//! database on the same disk can always write.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The floor of a large disk, unless another one is chosen.
const USUAL_FLOOR: u64 = 1 << 30;

/// Bytes on a disk.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub free: u64,
    pub all: u64,
    /// Below this, nothing is taken in.
    pub floor: u64,
}

impl Room {
    /// Whether uploads are refused until there is more.
    pub fn is_scarce(&self) -> bool {
        self.free < self.floor
    }
}

/// The disk of a folder.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    floor: Option<u64>,
    /// Bytes that uploads under way have still to write.
    spoken_for: Arc<AtomicU64>,
}

impl Disk {
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), floor: None, spoken_for: Arc::default() }
    }

    /// The same disk with this floor; with 0 it may be filled.
    pub fn with_floor(self, floor: Option<u64>) -> Self {
        Self { floor, ..self }
    }

    /// How much room there is, if that can be told.
    pub fn room(&self) -> Option<Room> {
        let disk = rustix::fs::statvfs(&self.folder).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let all = bytes(disk.f_blocks);
        let floor = self.floor.unwrap_or_else(|| USUAL_FLOOR.min(all / 20));
        Some(Room { free: bytes(disk.f_bavail), all, floor })
    }

    /// Whether so many bytes more leave the disk above its floor. Where that can't be told they do.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        let spoken_for = self.spoken_for.load(Ordering::Relaxed);
        self.room().is_none_or(|room| {
            room.free.saturating_sub(spoken_for).saturating_sub(bytes) >= room.floor
        })
    }

    /// What an upload speaks for; nothing yet.
    pub fn share(&self) -> Share {
        Share { disk: self.clone(), bytes: 0 }
    }
}

/// The bytes that one upload has still to write; spoken for no more once it is dropped.
#[derive(Debug)]
pub struct Share {
    disk: Disk,
    bytes: u64,
}

impl Share {
    /// Speaks for more; false, and nothing spoken for, if these would take the disk below its floor.
    pub fn take(&mut self, bytes: u64) -> bool {
        if !self.disk.has_room_for(bytes) {
            return false;
        }
        self.disk.spoken_for.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        true
    }

    /// So many of them are on the disk now, which tells itself that they are.
    pub fn written(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.disk.spoken_for.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.written(self.bytes);
    }
}

/// Whether an error tells that there is no room left, or no file to be had.
pub fn is_full(error: &std::io::Error) -> bool {
    let full = |error: &std::io::Error| {
        let errno = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
        matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            || matches!(errno, Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE))
    };
    full(error) || is_caused_by_full(error.get_ref().map(|inner| inner as _))
}

/// The same for an error that may have one of a file somewhere below it.
pub fn is_caused_by_full(error: Option<&(dyn std::error::Error + 'static)>) -> bool {
    std::iter::successors(error, |error| error.source())
        .any(|error| error.downcast_ref::<std::io::Error>().is_some_and(is_full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_for_is_room_no_more_until_it_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let free = Disk::of(folder.path()).room().unwrap().free;
        // Others use the same disk: a margin that a test can't notice.
        let margin = 1 << 30;
        if free < 4 * margin {
            return;
        }
        let disk = Disk::of(folder.path()).with_floor(Some(free - 2 * margin));
        assert!(!disk.room().unwrap().is_scarce());
        assert!(disk.has_room_for(margin) && !disk.has_room_for(3 * margin));
        let (mut first, mut second) = (disk.share(), disk.share());
        assert!(first.take(margin));
        assert!(!second.take(2 * margin));
        first.written(margin);
        assert!(second.take(margin));
        drop(second);
        assert_eq!(disk.spoken_for.load(Ordering::Relaxed), 0);
        assert!(Disk::of(folder.path()).with_floor(Some(u64::MAX)).room().unwrap().is_scarce());
        assert!(Disk::of(folder.path()).with_floor(Some(0)).has_room_for(u64::MAX));
    }

    #[test]
    fn a_full_disk_is_known_below_other_errors() {
        let full = || std::io::Error::from_raw_os_error(28);
        assert!(is_full(&full()) && is_full(&std::io::Error::other(full())));
        assert!(!is_full(&std::io::Error::other("no disk")));
        let error = object_store::Error::Generic { store: "a folder", source: Box::new(full()) };
        assert!(is_caused_by_full(Some(&error)));
    }
}
