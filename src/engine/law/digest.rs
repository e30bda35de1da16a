//! The digest of the samplers: two programs with the same digest draw the same values from the same bits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::kinds::one_of_each;
use super::sampler::Sampler;

/// SHA-256 over samples of every law at fixed bits, as hexadecimal digits; it goes into every manifest.
pub fn sampler_digest() -> String {
    let mut hasher = Sha256::new();
    for law in one_of_each() {
        let sampler = Sampler::new(&law);
        let edges = [0, 1, 1 << 33, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];
        // A Weyl sequence by the golden ratio: even over all bits, and known to all.
        let spread = (1..=4096_u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for bits in edges.into_iter().chain(spread) {
            hasher.update(sampler.sample(bits).to_le_bytes());
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::sampler_digest;

    #[test]
    fn samples_have_not_changed() {
        // A new value here changes every result of every scenario: say so in the change log.
        assert_eq!(sampler_digest(), "744d15352d4276a140f98e4e0d947b20267130c25792919ed16e8c4931768e6f");
    }
}
