//! Floor 6: results made visible. Nothing here prints or measures; everything returns text, or writes a folder.

pub mod charts;
pub mod compare;
pub mod csv;
mod document;
pub mod estimate;
pub mod exit_code;
pub mod facts;
pub mod folder;
mod footnotes;
pub mod id;
pub mod json;
pub mod junit;
pub mod manifest;
pub mod markdown;
pub mod period;
pub mod rows;
pub mod section;
pub mod sections;
pub mod selftest;
pub mod single;
pub mod style;
pub mod table;
pub mod terminal;
pub mod verdict;
pub mod warnings;
mod whole;
pub mod work;
