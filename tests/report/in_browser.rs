//! The page in a browser: what it shows is what the tables say, it stays silent, and everything can be done by keyboard.

use std::collections::BTreeMap;

use crate::browser::{Driven, dom};
use crate::made::{Made, SCENARIO, rows};

/// States of all cells in a document: by name the classes of its square.
fn squares(document: &str) -> BTreeMap<String, String> {
    let map = document.split("id=\"map\"").nth(1).unwrap().split("id=\"now\"").next().unwrap();
    let square = |tag: &str| {
        let value = |name: &str| Some(tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
        Some((value("title")?, value("class")?))
    };
    map.split("<i ").skip(1).filter_map(square).collect()
}

/// States of all cells at an instant by replay.csv.
fn recorded(made: &Made, second: &str) -> BTreeMap<String, String> {
    let table = rows(&made.read("results/small/replay.csv"));
    let now = table.iter().filter(|row| row[0] == second && row[1] != "all");
    now.map(|row| {
        let letter = &row[2][..1];
        (row[1].clone(), format!("q {letter}{}", if row[3] == "true" { " k" } else { "" }))
    })
    .collect()
}

#[test]
fn an_address_shows_the_frame_of_the_table_and_nothing_is_said_or_fetched() {
    let made = Made::page(SCENARIO);
    let page = made.path("results/small/report.html");
    for second in ["90", "195"] {
        let Some((document, said)) = dom(&page, &format!("#t={second}")) else { return };
        assert!(document.contains("data-ready=\"yes\""), "the script ended");
        assert_eq!(said, Vec::<String>::new());
        assert!(!document.contains("data-error") && !document.contains("data-violation"), "errors or violations");
        assert_eq!(squares(&document), recorded(&made, second), "at {second} s");
    }
}

#[test]
fn rows_are_filtered_as_the_table_would_be() {
    let made = Made::page(SCENARIO);
    let table = rows(&made.read("results/small/incidents.csv"));
    let column = |name: &str| table[0].iter().position(|head| head == name).unwrap();
    let (fault, harmed) = (column("fault"), column("harmed"));
    let wanted =
        table[1..].iter().filter(|row| row[fault] == "crash" && row[harmed].parse::<u32>().unwrap() >= 3).count();
    let Some((document, _)) = dom(&made.path("results/small/report.html"), "#fault=crash&harmed=3&sort=harmed") else {
        return;
    };
    let shown = format!("{wanted} of {} rows", table.len() - 1);
    let incidents = document.split("data-file=\"incidents.csv\"").nth(1).unwrap();
    let hidden = incidents.split("</tbody>").next().unwrap().matches("<tr hidden").count();
    assert_eq!(hidden, table.len() - 1 - wanted, "{shown}");
    assert!(incidents.contains("aria-sort=\"descending\""));
}

#[test]
fn keys_do_everything() {
    let made = Made::page(SCENARIO);
    let Some(page) = Driven::open(&made.path("results/small/report.html"), "#t=60", 1280) else { return };
    let at = || page.run("return Number(document.getElementById('frame').value)").as_i64().unwrap();
    page.run("document.getElementById('film').scrollIntoView(); document.getElementById('frame').focus()");
    assert_eq!(at(), 60);
    page.press(&["\u{e014}"]);
    assert_eq!(at(), 61, "right");
    page.press(&["\u{e012}", "\u{e012}"]);
    assert_eq!(at(), 59, "left twice");
    page.press(&["]"]);
    assert_eq!(at(), 60, "the onset of the crash");
    page.press(&["]"]);
    assert_eq!(at(), 180, "the next one");
    page.press(&["["]);
    assert_eq!(at(), 60);
    page.press(&["\u{e010}"]);
    assert_eq!(at(), 299, "end");
    page.press(&["\u{e011}"]);
    assert_eq!(at(), 0, "home");
    page.press(&["t"]);
    assert_eq!(page.run("return document.getElementById('film-table').hidden"), false);
    // Slowly, so that it does not end before anybody looks.
    page.run("document.getElementById('speed').value = '1'");
    page.press(&[" "]);
    assert_eq!(page.run("return document.getElementById('play').textContent"), "Pause");
    page.press(&[" "]);
    assert_eq!(page.run("return document.getElementById('play').textContent"), "Play");
    page.press(&["?"]);
    assert_eq!(page.run("return document.getElementById('help').open"), true);
    page.press(&["\u{e00c}"]);
    page.press(&["/"]);
    assert_eq!(page.run("return document.activeElement.type"), "search");
    // Every control is reached by Tab, in the order of the page, and has a name.
    let reached = page.run(
        "const all = [...document.querySelectorAll('button, select, input, a[href], summary')].filter((one) => one.checkVisibility() && one.tabIndex >= 0); \
         const named = (one) => one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.[0]?.textContent.trim(); \
         return all.filter((one) => !named(one)).map((one) => one.outerHTML)",
    );
    assert_eq!(reached, serde_json::json!([]), "controls without a name");
    page.run(
        "document.activeElement.blur(); document.querySelector('[data-file=\"incidents.csv\"] th button').focus()",
    );
    page.press(&["\u{e007}"]);
    assert_eq!(
        page.run("return document.querySelector('[data-file=\"incidents.csv\"] th').getAttribute('aria-sort')"),
        "descending"
    );
    // The state is in the address: a colleague opens the same picture.
    page.run("document.getElementById('film').scrollIntoView(); document.getElementById('frame').focus()");
    page.press(&["]"]);
    let at = page.run("return Number(document.getElementById('frame').value)");
    let kept = |address: &serde_json::Value| {
        address.as_str().is_some_and(|text| text.contains(&format!("t={at}")) && text.contains("history="))
    };
    // The address follows a moment later.
    let addresses = std::iter::repeat_with(|| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        page.run("return location.hash")
    });
    assert!(addresses.take(100).any(|address| kept(&address)), "the address does not follow");
}

#[test]
fn it_fits_a_small_screen_and_is_sound() {
    let made = Made::page(SCENARIO);
    let Some(page) = Driven::open(&made.path("results/small/report.html"), "", 500) else { return };
    page.run("document.body.style.width = '320px'");
    let wide = page.run(
        "return [...document.querySelectorAll('body *')].filter((one) => !one.closest('.wide, nav, pre, svg, .skip, dialog') && one.getBoundingClientRect().right > 321 + scrollX).map((one) => one.tagName + '.' + one.className)",
    );
    assert_eq!(wide, serde_json::json!([]), "wider than 320 px");
    let sound = page.run(
        "const wrong = []; \
         if (document.querySelectorAll('h1').length !== 1) wrong.push('h1'); \
         if (document.querySelectorAll('main').length !== 1) wrong.push('main'); \
         for (const table of document.querySelectorAll('table')) { if (!table.caption) wrong.push('caption'); } \
         for (const head of document.querySelectorAll('thead th')) { if (head.scope !== 'col') wrong.push('scope'); } \
         for (const svg of document.querySelectorAll('svg')) { for (const id of svg.getAttribute('aria-labelledby').split(' ')) { if (!document.getElementById(id)) wrong.push(id); } } \
         for (const link of document.querySelectorAll('a[href^=\"#\"]')) { if (!document.getElementById(link.hash.slice(1))) wrong.push(link.hash); } \
         return wrong",
    );
    assert_eq!(sound, serde_json::json!([]));
}

#[test]
fn a_thousand_cells_follow_the_slider() {
    let scenario = SCENARIO
        .replace(
            "customers = 60\ncustomers_per_cell = { target = 20 }",
            "customers = 2000\ncustomers_per_cell = { target = 4 }",
        )
        .replace("0.8/s", "0.02/s")
        .replace("0.4/s", "0.02/s")
        .replace("replications = 5", "replications = 2");
    let made = Made::page(&scenario);
    let Some(page) = Driven::open(&made.path("results/small/report.html"), "", 1280) else { return };
    let cells = page.run("return document.querySelectorAll('#map .q').length").as_u64().unwrap();
    assert!(cells >= 1_000, "{cells}");
    page.run(
        "const slider = document.getElementById('frame'); \
         for (let frame = 40; frame < 100; frame += 1) { slider.value = frame; slider.dispatchEvent(new Event('input')); document.body.getBoundingClientRect(); }",
    );
    let frame = page.run("return document.getElementById('frame').value");
    assert_eq!(frame, "99", "it followed to the last");
}
