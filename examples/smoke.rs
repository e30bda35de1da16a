use cellsim::experiment::{self, Options, Watcher};
use cellsim::scenario::Scenario;
struct W;
impl Watcher for W {
    fn replication_done(&self, done: u32, of: u32) {
        eprintln!("{done}/{of}");
    }
    fn stopped(&self) -> bool {
        false
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let s = match Scenario::read(std::path::Path::new(&args[1]), &args[2..]) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{}", e.render(false, 120));
            std::process::exit(2)
        }
    };
    let t = std::time::Instant::now();
    let r = experiment::run(&s, &Options::default(), &W).unwrap();
    println!("{:.1} s", t.elapsed().as_secs_f64());
    println!("{:#?}", r.facts);
    for row in &r.rows {
        println!(
            "{} {} | {} {} {} | {} {} {} | {:?} [{:?} {:?}] {:?} {}",
            row.metric,
            row.statistic,
            row.tier,
            row.workflow,
            row.fault,
            row.unit,
            row.denominator,
            row.condition,
            row.estimate.value,
            row.estimate.low,
            row.estimate.high,
            row.estimate.state,
            row.estimate.reason.clone().unwrap_or_default()
        );
    }
    for f in &r.faults {
        println!("{f:#?}");
    }
    for v in &r.verdicts {
        println!("{v:?}");
    }
    for w in &r.warnings {
        println!("{w}");
    }
    for b in &r.budgets {
        println!("{b:?}");
    }
    cellsim::report::charts::write_all(&r, std::path::Path::new("/tmp/charts"), true).unwrap();
}
