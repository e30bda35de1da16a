//! Everything that is measured.

/// Everything that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Customers harmed by one incident.
    BlastRadius,
    /// Customers homed where the fault strikes.
    Exposed,
    /// Exposed customers that sent nothing meanwhile.
    Idle,
    /// Customers with a minute of at least 95 % failures.
    Down,
    /// Harmed customers that were not exposed.
    Spillover,
    /// Harmed minutes of one incident, summed over customers.
    CustomerMinutes,
    /// Harmed minutes of a replication, summed over customers and incidents.
    ReplicationMinutes,
    /// Incidents of a replication.
    ReplicationIncidents,
    /// Customers that luck alone makes count as harmed by one incident.
    FalseHarmed,
    /// Availability as the contract computes it.
    Availability,
    /// Failed requests, of any cause or of one / all requests.
    ErrorShare,
    /// Bad minutes / bad minutes a month allows.
    MonthBudgetUsed,
    /// Customers whose month is still within the SLA.
    MonthsWithinSla,
    /// Share of customers, workflows and months that keep the SLA.
    SlaAttainment,
    /// Latency of all requests; failed ones are beyond every value.
    Latency,
    /// Latency of the requests that succeeded.
    OkLatency,
    /// Latency of the router's lookup.
    RouterLatency,
    /// Time from onset to normal; share that recovers.
    Recovery,
    /// Attempts and hedges / requests.
    RetryAmplification,
    /// Calls of fan-outs / calls without hedges.
    CallAmplification,
    /// Requests per second.
    RequestRate,
    /// Attempts per second, without the extra requests of a demand fault.
    AttemptRate,
    /// Successful requests per second, without the extra requests of a demand fault.
    Goodput,
    /// Lookups that the router's cache answers.
    HitRatio,
    /// Lookups per second at the mapping store.
    StoreLoad,
    /// Busy slots / slots.
    Utilization,
    /// Time that an attempt waits for a slot of a stage.
    Wait,
    /// Attempts that wait for a slot of a stage.
    QueueLength,
    /// Cells.
    Cells,
    /// Instances.
    Instances,
    /// Cost of the platform per month.
    Cost,
    /// Of it: fixed cost of cells.
    CostCells,
    /// Of it: people.
    CostPeople,
    /// Of it: instances.
    CostInstances,
    /// Of it: what grows with load.
    CostData,
    /// Of it: requests and router.
    CostOther,
    /// Cost of one cell per workflow, per month.
    CostSingleCell,
    /// Share of months in which every customer keeps the SLA.
    SlaAttainmentOfAll,
    /// Share of months without a request.
    SlaSilent,
    /// Bad minutes of a customer.
    BadMinutes,
    /// Incidents a year.
    Incidents,
    /// Harmed minutes a year, summed over customers.
    YearlyMinutes,
    /// Credits for broken promises, per month.
    Credits,
    /// Share of time with N cells down at once.
    CellsDownShare,
    /// Times a year that it comes to N cells down at once.
    CellsDownEntries,
    /// Alerts of a burn rate, a year.
    BurnRateAlerts,
}
