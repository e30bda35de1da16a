//! Erlang's loss system M/G/c/c: who finds all circuits busy is lost.
//!
//! # References
//! Erlang (1917). Recursion: Messerli (1972), Bell System Technical Journal 51.

/// Share of arrivals that find all `servers` busy, at `offered_load` = lambda / mu. Insensitive to the law of service.
///
/// By recursion on the inverse, which neither overflows nor cancels, for thousands of servers.
///
/// # Example
/// ```
/// use cellsim::engine::theory::erlang_b::blocking;
/// assert!((blocking(2.0, 2) - 0.4).abs() < 1e-15); // (4/2) / (1 + 2 + 2)
/// ```
pub fn blocking(offered_load: f64, servers: u32) -> f64 {
    if offered_load <= 0.0 {
        return if servers == 0 { 1.0 } else { 0.0 };
    }
    let mut inverse = 1.0;
    for k in 1..=servers {
        inverse = 1.0 + inverse * f64::from(k) / offered_load;
    }
    1.0 / inverse
}

/// Fewest servers that lose at most a share `most` (above 0).
pub fn servers_for(offered_load: f64, most: f64) -> u32 {
    if offered_load <= 0.0 {
        return u32::from(most < 1.0);
    }
    let (mut inverse, mut servers) = (1.0, 0_u32);
    while 1.0 / inverse > most && servers < u32::MAX {
        servers += 1;
        inverse = 1.0 + inverse * f64::from(servers) / offered_load;
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        // 10 Erlangs on 10 circuits lose 21.46 %; 20 on 30 lose 0.846 %.
        assert!((blocking(10.0, 10) - 0.214582).abs() < 1e-6);
        assert!((blocking(20.0, 30) - 0.008457).abs() < 1e-6);
        // The traffic tables give 18 circuits for 10 Erlangs at 1 %.
        assert_eq!(servers_for(10.0, 0.01), 18);
        assert!(blocking(10.0, 18) <= 0.01 && blocking(10.0, 17) > 0.01);
    }

    #[test]
    fn large_systems_and_edges() {
        let share = blocking(10_000.0, 10_000);
        assert!((share - 0.00795).abs() < 1e-4, "about sqrt(2 / (pi c)): {share}");
        assert_eq!((blocking(0.0, 3), blocking(5.0, 0)), (0.0, 1.0));
        assert_eq!(servers_for(0.0, 0.1), 1);
    }
}
