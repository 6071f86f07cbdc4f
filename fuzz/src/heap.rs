//! Holds what a check allocates to a bound.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static HEAP: Counting = Counting { held: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

/// The system's allocator, which also counts the bytes that are held.
struct Counting {
    held: AtomicUsize,
    peak: AtomicUsize,
}

impl Counting {
    fn add(&self, bytes: usize) {
        let held = self.held.fetch_add(bytes, Relaxed) + bytes;
        // One thread reads: a plain maximum would do.
        self.peak.fetch_max(held, Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it came; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        self.remove(layout.size());
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it moves, both are there.
        self.add(size);
        self.remove(layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Runs a check that must not hold more than `limit` bytes at any time.
pub fn within<T>(limit: usize, check: impl FnOnce() -> T) -> T {
    let before = HEAP.held.load(Relaxed);
    HEAP.peak.store(before, Relaxed);
    let result = check();
    let peak = HEAP.peak.load(Relaxed) - before;
    assert!(peak <= limit, "{peak} bytes were held at once, instead of at most {limit}");
    result
}
