//! A table of a results folder as it was written: columns are found by name.

/// A table of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows, as wide as the header.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// Reads CSV.
    ///
    /// # Errors
    /// Where it is no table.
    pub fn read(text: &str) -> Result<Grid, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let words = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = words(reader.headers().map_err(|problem| problem.to_string())?);
        let rows: Result<Vec<Vec<String>>, csv::Error> = reader.records().map(|record| Ok(words(&record?))).collect();
        Ok(Grid { header, rows: rows.map_err(|problem| problem.to_string())? })
    }

    /// Returns the place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Returns what stands in a row under a name; nothing if there is no such column.
    pub fn get<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        self.column(name).and_then(|column| row.get(column)).map_or("", String::as_str)
    }

    /// Returns the number that stands in a row under a name.
    pub fn number(&self, row: &[String], name: &str) -> Option<f64> {
        self.get(row, name).parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Keeps the rows that a rule keeps.
    #[must_use]
    pub fn only(mut self, keeps: impl Fn(&Grid, &[String]) -> bool) -> Grid {
        let rows = std::mem::take(&mut self.rows);
        self.rows = rows.into_iter().filter(|row| keeps(&self, row)).collect();
        self
    }
}
