//! Prints the test ladder of the models with the numbers reached. Exit code 1 when a rung does not hold.

#[path = "../tests/ladder_rungs/mod.rs"]
mod ladder_rungs;

fn main() {
    let rungs = ladder_rungs::climb();
    let mut group = "";
    for rung in &rungs {
        if rung.group != group {
            group = rung.group;
            println!("\n{group}");
        }
        println!("  {rung}");
    }
    let count = |wanted| rungs.iter().filter(|rung| rung.holds == wanted).count();
    let failed = count(Some(false));
    println!("\n{} pass, {failed} fail, {} skipped", count(Some(true)), count(None));
    std::process::exit(i32::from(failed > 0));
}
