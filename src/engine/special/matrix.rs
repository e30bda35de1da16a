//! Small dense matrices, as chains of few phases need them.

use std::ops::{Index, IndexMut};

/// A matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    cells: Vec<f64>,
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.cells[row * self.columns + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.cells[row * self.columns + column]
    }
}

impl Matrix {
    /// Returns zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix { rows, columns, cells: vec![0.0; rows * columns] }
    }

    /// Returns so many times the identity.
    pub fn diagonal(size: usize, value: f64) -> Matrix {
        let mut matrix = Matrix::zeros(size, size);
        (0..size).for_each(|at| matrix[(at, at)] = value);
        matrix
    }

    /// Returns how many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the product with another.
    #[must_use]
    pub fn times(&self, other: &Matrix) -> Matrix {
        let mut product = Matrix::zeros(self.rows, other.columns);
        for row in 0..self.rows {
            let sums = &mut product.cells[row * other.columns..][..other.columns];
            for (at, &factor) in self.cells[row * self.columns..][..self.columns].iter().enumerate() {
                if factor != 0.0 {
                    let line = &other.cells[at * other.columns..][..other.columns];
                    sums.iter_mut().zip(line).for_each(|(sum, cell)| *sum += factor * cell);
                }
            }
        }
        product
    }

    /// Returns a row times the matrix.
    pub fn after(&self, row: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.columns];
        for (at, &factor) in row.iter().enumerate().filter(|(_, factor)| **factor != 0.0) {
            let line = &self.cells[at * self.columns..][..self.columns];
            product.iter_mut().zip(line).for_each(|(sum, cell)| *sum += factor * cell);
        }
        product
    }

    /// Returns the sum with so many times another.
    #[must_use]
    pub fn plus(&self, factor: f64, other: &Matrix) -> Matrix {
        let cells = self.cells.iter().zip(&other.cells).map(|(one, another)| one + factor * another).collect();
        Matrix { cells, ..*self }
    }

    /// Returns the largest cell, whatever its sign.
    pub fn largest(&self) -> f64 {
        self.cells.iter().fold(0.0, |largest: f64, cell| largest.max(cell.abs()))
    }

    /// Returns the inverse, by elimination without exchanges: for matrices whose diagonal outweighs the rest of each row, as those of
    /// chains do.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::special::matrix::Matrix;
    /// let mut two = Matrix::diagonal(2, 2.0);
    /// two[(0, 1)] = -1.0;
    /// assert_eq!(two.inverse()[(0, 1)], 0.25);
    /// ```
    #[must_use]
    pub fn inverse(&self) -> Matrix {
        let size = self.rows;
        let (mut left, mut right) = (self.clone(), Matrix::diagonal(size, 1.0));
        for pivot in 0..size {
            let scale = 1.0 / left[(pivot, pivot)];
            for matrix in [&mut left, &mut right] {
                matrix.cells[pivot * size..][..size].iter_mut().for_each(|cell| *cell *= scale);
            }
            let lines = [&left, &right].map(|matrix| matrix.cells[pivot * size..][..size].to_vec());
            for row in (0..size).filter(|&row| row != pivot) {
                let factor = left[(row, pivot)];
                if factor == 0.0 {
                    continue;
                }
                for (matrix, line) in [&mut left, &mut right].into_iter().zip(&lines) {
                    let cells = &mut matrix.cells[row * size..][..size];
                    cells.iter_mut().zip(line).for_each(|(cell, other)| *cell -= factor * other);
                }
            }
        }
        right
    }

    /// Returns e to the power of `time` times this matrix, whose cells off the diagonal are not negative: no digits are lost.
    #[must_use]
    pub fn exponential(&self, time: f64) -> Matrix {
        let size = self.rows;
        let fastest = (0..size).fold(0.0, |fastest: f64, at| fastest.max(-self[(at, at)]));
        let halvings = libm::ceil(libm::log2((fastest * time / 0.25).max(1.0)));
        let step = time / libm::exp2(halvings);
        // e^(-q t) e^((A + q) t), the second as a series.
        let shifted = self.plus(fastest, &Matrix::diagonal(size, 1.0));
        let (mut sum, mut term) = (Matrix::diagonal(size, 1.0), Matrix::diagonal(size, 1.0));
        for at in 1..=14 {
            term = term.times(&shifted);
            term.cells.iter_mut().for_each(|cell| *cell *= step / f64::from(at));
            sum = sum.plus(1.0, &term);
        }
        let factor = libm::exp(-fastest * step);
        sum.cells.iter_mut().for_each(|cell| *cell *= factor);
        for _ in 0..halvings as u32 {
            sum = sum.times(&sum);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Matrix {
        let mut matrix = Matrix::zeros(3, 3);
        for (from, to, rate) in [(0, 1, 2.0), (1, 0, 1.0), (1, 2, 5.0), (2, 1, 0.5)] {
            matrix[(from, to)] += rate;
            matrix[(from, from)] -= rate;
        }
        matrix
    }

    #[test]
    fn an_inverse_is_one() {
        let matrix = Matrix::diagonal(3, 0.1).plus(-1.0, &chain());
        let one = matrix.times(&matrix.inverse());
        assert!(one.plus(-1.0, &Matrix::diagonal(3, 1.0)).largest() < 1e-12);
        assert_eq!(matrix.after(&[1.0, 0.0, 0.0]), vec![2.1, -2.0, 0.0]);
    }

    #[test]
    fn rows_of_an_exponential_are_probabilities() {
        let one = chain().exponential(0.7);
        for row in 0..3 {
            assert!(((0..3).map(|at| one[(row, at)]).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let twice = chain().exponential(1.4);
        assert!(one.times(&one).plus(-1.0, &twice).largest() < 1e-12);
        let alone = Matrix::diagonal(1, -3.0).exponential(0.5);
        assert!((alone[(0, 0)] - (-1.5_f64).exp()).abs() < 1e-15);
    }
}
