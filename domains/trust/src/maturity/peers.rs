//! Other teams, without their names.

use super::assessment::Levels;
use super::catalogue::Model;

/// So many other teams stand behind a figure, or it is not shown.
pub const ENOUGH: usize = 5;

/// A quarter, half and three quarters of the group are at most at these levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Quartiles {
    /// The first quartile.
    pub lower: u8,
    /// The median.
    pub median: u8,
    /// The third quartile.
    pub upper: u8,
}

/// The quartiles of `others` for each parameter of `model`, in its order; `None` when there are fewer than [`ENOUGH`].
/// The reader's own team is not among them: who knows its own level would else learn more of the others.
pub fn quartiles(others: &[&Levels], model: &Model) -> Option<Vec<Quartiles>> {
    if others.len() < ENOUGH {
        return None;
    }
    let of = |id: &str| {
        let mut levels: Vec<u8> = others.iter().map(|levels| levels.level(id).unwrap_or(0)).collect();
        levels.sort_unstable();
        // Nearest rank: a level that at least so many hundredths do not exceed.
        let at = |percent: usize| levels[(levels.len() * percent).div_ceil(100) - 1];
        Quartiles { lower: at(25), median: at(50), upper: at(75) }
    };
    Some(model.parameters().map(|parameter| of(&parameter.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::assessment::Answer;
    use super::super::catalogue::Catalogue;
    use super::*;

    fn all_at(level: u8) -> Levels {
        let model = Catalogue::default().model;
        let answer = Answer { level: Some(level), note: "secret".into() };
        Levels(model.parameters().map(|parameter| (parameter.id.clone(), answer.clone())).collect())
    }

    #[test]
    fn fewer_than_five_others_are_not_shown() {
        let model = Catalogue::default().model;
        let levels: Vec<Levels> = (0..5).map(all_at).collect();
        let all: Vec<&Levels> = levels.iter().collect();
        assert_eq!(quartiles(&all[..4], &model), None);
        let found = quartiles(&all, &model).unwrap();
        assert_eq!(found.len(), 45);
        assert_eq!(found[0], Quartiles { lower: 1, median: 2, upper: 3 });
    }

    proptest::proptest! {
        #[test]
        fn quartiles_are_in_order_and_within_the_group(group in proptest::collection::vec(0_u8..=4, 5..40)) {
            let model = Catalogue::default().model;
            let levels: Vec<Levels> = group.iter().map(|level| all_at(*level)).collect();
            let q = quartiles(&levels.iter().collect::<Vec<_>>(), &model).unwrap()[0];
            proptest::prop_assert!(q.lower <= q.median && q.median <= q.upper);
            proptest::prop_assert!(group.contains(&q.lower) && group.contains(&q.upper));
            let at_most = group.iter().filter(|level| **level <= q.median).count();
            proptest::prop_assert!(at_most * 2 >= group.len());
        }
    }
}
