//! All samples, their medians and their ratios.

use crate::{measure::Sample, plan::Cell};

pub(crate) struct Results {
    pub(crate) rows: Vec<Row>,
}

/// A cell and its samples, one of each round.
pub(crate) struct Row {
    pub(crate) cell: Cell,
    pub(crate) samples: Vec<Sample>,
}

impl Row {
    /// The median of one of its figures.
    pub(crate) fn median(&self, figure: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(figure).collect())
    }
}

impl Results {
    pub(crate) fn new(cells: &[Cell]) -> Self {
        let rows = cells.iter().map(|cell| Row { cell: *cell, samples: Vec::new() });
        Self { rows: rows.collect() }
    }

    /// Adds a round: one sample for each cell, in order.
    pub(crate) fn add(&mut self, samples: impl IntoIterator<Item = Sample>) {
        for (row, sample) in self.rows.iter_mut().zip(samples) {
            row.samples.push(sample);
        }
    }

    pub(crate) fn find(&self, cell: &Cell) -> Option<&Row> {
        self.rows.iter().find(|row| row.cell == *cell)
    }

    /// The median of the rounds' ratios of throughput: each compares what was measured within seconds.
    pub(crate) fn ratio(&self, of: &Cell, to: &Cell) -> Option<f64> {
        let (of, to) = (self.find(of)?, self.find(to)?);
        let pairs = of.samples.iter().zip(&to.samples);
        let ratios: Vec<f64> =
            pairs.map(|(of, to)| of.requests_per_s / to.requests_per_s).collect();
        (!ratios.is_empty()).then(|| median(ratios))
    }

    /// The median of one figure of a cell.
    pub(crate) fn median(&self, cell: &Cell, figure: impl Fn(&Sample) -> f64) -> Option<f64> {
        let row = self.find(cell)?;
        (!row.samples.is_empty()).then(|| row.median(figure))
    }

    /// The median of one figure over all samples of these cells.
    pub(crate) fn median_of_all(
        &self,
        cells: impl Fn(&Cell) -> bool,
        figure: impl Fn(&Sample) -> f64,
    ) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| cells(&row.cell));
        let values: Vec<f64> = rows.flat_map(|row| row.samples.iter().map(&figure)).collect();
        (!values.is_empty()).then(|| median(values))
    }
}

/// The middle value; of an even number, the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pool::Load,
        targets::{LISTENER, NO_STORAGE},
    };

    #[test]
    fn ratios_are_taken_round_by_round() {
        let cells = [LISTENER, NO_STORAGE].map(|target| Cell::new(target, Load::Payments, 64));
        let mut results = Results::new(&cells);
        for (listener, other) in [(80.0, 100.0), (8.0, 10.0), (45.0, 50.0)] {
            let sample = |requests_per_s| Sample { requests_per_s, ..Sample::default() };
            results.add([sample(listener), sample(other)]);
        }
        let ratio = results.ratio(&cells[0], &cells[1]).unwrap();
        assert!((ratio - 0.8).abs() < 1e-9, "{ratio}");
        let rate = results.median(&cells[0], |sample| sample.requests_per_s).unwrap();
        assert!((rate - 45.0).abs() < 1e-9, "{rate}");
        let rates = |target| move |cell: &Cell| cell.target == target;
        let of_all = |target| results.median_of_all(rates(target), |it| it.requests_per_s);
        assert_eq!((of_all(NO_STORAGE), of_all("nobody")), (Some(50.0), None));
        assert_eq!(results.ratio(&cells[0], &Cell::new(LISTENER, Load::Payments, 1)), None);
    }

    #[test]
    fn a_median_stands_in_the_middle() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < 1e-9);
    }
}
