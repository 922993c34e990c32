//! Regular expressions, as the C library has them (POSIX, extended).

#![expect(
    unsafe_code,
    reason = "regcomp and regexec are functions of the C library"
)]

use std::ffi::CString;
use std::mem::MaybeUninit;

/// A regular expression.
pub struct Regex(Box<libc::regex_t>);

impl Regex {
    /// Reads an expression.
    ///
    /// # Errors
    /// If it is none: why, for people.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = CString::new(text).map_err(|_| "it has a NUL in it".to_owned())?;
        let flags = libc::REG_EXTENDED | libc::REG_NOSUB;
        let mut compiled = Box::new(MaybeUninit::<libc::regex_t>::uninit());
        // SAFETY: the expression is a C string, and `compiled` is valid for writes.
        let error = unsafe { libc::regcomp(compiled.as_mut_ptr(), text.as_ptr(), flags) };
        if error != 0 {
            let mut reason = [0u8; 128];
            // SAFETY: `reason` is valid for writes of its length; the expression is only looked at by
            // implementations that initialize it also when they fail.
            unsafe {
                libc::regerror(
                    error,
                    compiled.as_ptr(),
                    reason.as_mut_ptr().cast(),
                    reason.len(),
                )
            };
            let end = reason.iter().position(|byte| *byte == 0).unwrap_or(0);
            return Err(String::from_utf8_lossy(&reason[..end]).into_owned());
        }
        // SAFETY: regcomp has succeeded and so has written it.
        Ok(Self(unsafe { compiled.assume_init() }))
    }

    /// Some part of the text fits.
    pub fn matches(&self, text: &str) -> bool {
        let Ok(text) = CString::new(text) else {
            return false;
        };
        // SAFETY: the expression was compiled, and `text` is a C string; no places are asked for.
        unsafe {
            libc::regexec(
                &raw const *self.0,
                text.as_ptr(),
                0,
                std::ptr::null_mut(),
                0,
            ) == 0
        }
    }
}

impl Drop for Regex {
    fn drop(&mut self) {
        // SAFETY: the expression was compiled and is not used any more.
        unsafe { libc::regfree(&raw mut *self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_text_fit() {
        let regex = Regex::new("ms:(200|300)$").expect("is one");
        assert!(regex.matches("interval:ms:300"));
        assert!(!regex.matches("interval:ms:100"));
        assert!(Regex::new("a(").is_err_and(|reason| !reason.is_empty()));
    }
}
