//! Units of numbers, and what limits may be written in.

use crate::words::{shown_as_word, words};

words! {
    /// The unit of a number.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Unit {
        /// Customers.
        Customers = "customers",
        /// A share: 0 to 1, or above where it may be.
        Share = "share",
        /// Seconds.
        Seconds = "s",
        /// Minutes, of one customer or summed over customers.
        Minutes = "min",
        /// Per second.
        PerSecond = "/s",
        /// Dollars.
        Dollars = "$",
        /// A plain number.
        Plain = "",
    }
}
shown_as_word!(Unit);

/// What a limit may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitUnit {
    /// A bare number, or "50 customers".
    Customers,
    /// "2%".
    Share,
    /// "150%": a share that may be above 100 %.
    OpenShare,
    /// "250ms"; in the row: seconds.
    Duration,
    /// A bare number, or "500 minutes": customer-minutes.
    CustomerMinutes,
    /// A bare number, or "15min", "500 minutes": of one customer.
    Minutes,
    /// "400/s".
    Rate,
    /// "$150000/month", or "$150000".
    Dollars,
    /// A bare number.
    Plain,
}

impl LimitUnit {
    /// Returns the unit of the rows that it selects.
    pub fn unit(self) -> Unit {
        match self {
            LimitUnit::Customers => Unit::Customers,
            LimitUnit::Share | LimitUnit::OpenShare => Unit::Share,
            LimitUnit::Duration => Unit::Seconds,
            LimitUnit::CustomerMinutes | LimitUnit::Minutes => Unit::Minutes,
            LimitUnit::Rate => Unit::PerSecond,
            LimitUnit::Dollars => Unit::Dollars,
            LimitUnit::Plain => Unit::Plain,
        }
    }
}
