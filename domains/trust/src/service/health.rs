//! What is wrong with the community's operation, for `wardmote doctor`.

use kit::Result;
use kit::health::Finding;

use crate::Trust;

impl Trust {
    /// Whether limits run, and whether the team that is named as operator can be one.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn findings(&self) -> Result<Vec<Finding>> {
        let clock = self.limits_wait().await?.map(|words| Finding::bad("trust", words));
        let named = self.settings().operator.is_some();
        let operator = named.then(|| match self.operator() {
            Ok(team) => Finding::good("operator", team.name.clone()),
            Err(error) => Finding::bad("operator", error.to_string()),
        });
        Ok(clock.into_iter().chain(operator).collect())
    }
}
