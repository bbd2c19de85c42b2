//! The pictures of an exam, as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::Results;
use super::tables::{by_name, calibrated, mean, recall_cells, same_method};

const SIZE: (u32, u32) = (760, 420);

/// Told apart by people who see colours differently (Okabe and Ito 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// A curve of a chart.
struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
}

/// The axes of a chart; `x_name` puts a value of x into words.
struct Axes<'a> {
    x: (f64, f64),
    y: (f64, f64),
    x_title: &'a str,
    y_title: &'a str,
    /// About so many values of x are named.
    ticks: usize,
    x_name: &'a dyn Fn(f64) -> String,
    y_name: &'a dyn Fn(f64) -> String,
    /// Curves are joined points, not points alone.
    joined: bool,
}

/// All pictures that have a point, by name.
pub(crate) fn all(results: &Results) -> Result<Vec<(&'static str, String)>> {
    let mut pictures = Vec::new();
    if !results.rings.is_empty() {
        pictures.push(("methods", methods(results)?));
    }
    for (name, (axes, curves)) in [
        ("recall", recall(results)),
        ("calibration", calibration(results)),
        ("framing", framing(results)),
    ] {
        if curves.first().is_some_and(|curve| !curve.points.is_empty()) {
            pictures.push((name, draw(&axes, &curves)?));
        }
    }
    Ok(pictures)
}

fn two_decimals(value: f64) -> String {
    format!("{value:.2}")
}

/// F1 of every method by scenario.
fn methods(results: &Results) -> Result<String> {
    let worlds = by_name(&results.rings, |world| &world.scenario);
    let names: Vec<&str> = worlds.iter().map(|(name, _)| *name).collect();
    let mut curves: Vec<Curve> = Vec::new();
    for (place, (_, worlds)) in worlds.iter().enumerate() {
        for (name, figures) in same_method(worlds) {
            let name = name.replace("**", "");
            if name.ends_with(", act") {
                continue;
            }
            let point = (place as f64, mean(figures.iter().map(|f| f.f1)));
            match curves.iter_mut().find(|curve| curve.name == name) {
                Some(curve) => curve.points.push(point),
                None => curves.push(Curve {
                    name,
                    points: vec![point],
                }),
            }
        }
    }
    let x_name = |x: f64| {
        let name = names.get(x.round().max(0.0) as usize);
        name.filter(|_| (x - x.round()).abs() < 0.01)
            .map_or_else(String::new, ToString::to_string)
    };
    let axes = Axes {
        x: (-0.5, names.len() as f64 - 0.5),
        y: (0.0, 1.02),
        x_title: "",
        y_title: "F1 over accounts",
        ticks: names.len() * 2 + 1,
        x_name: &x_name,
        y_name: &two_decimals,
        joined: false,
    };
    draw(&axes, &curves)
}

type Chart<'a> = (Axes<'a>, Vec<Curve>);

/// Share of rings found whole in `act` and `review` by size, one curve for a tactic and a participation.
fn recall(results: &Results) -> Chart<'static> {
    let mut curves: Vec<Curve> = Vec::new();
    for cell in recall_cells(&results.recall) {
        if cell.tactic != "lockstep" {
            continue;
        }
        let point = (f64::from(cell.size).log2(), cell.ring_recall(1));
        let name = format!("participation {:.0} %", cell.participation * 100.0);
        match curves.iter_mut().find(|curve| curve.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(Curve {
                name,
                points: vec![point],
            }),
        }
    }
    let axes = Axes {
        x: (2.0, 7.2),
        y: (0.0, 1.02),
        x_title: "accounts of a lockstep ring",
        y_title: "share of rings found whole",
        ticks: 6,
        x_name: &|x| format!("{:.0}", x.exp2()),
        y_name: &two_decimals,
        joined: true,
    };
    (axes, curves)
}

/// Where nothing stands on a scale of powers of ten.
const BOTTOM: f64 = -6.0;

fn power_of_ten(power: f64) -> String {
    if power <= BOTTOM {
        "0".into()
    } else {
        format!("1e{power:.0}")
    }
}

/// Realised against promised share of false rings, both on a scale of powers of ten.
fn calibration(results: &Results) -> Chart<'static> {
    let log = |share: f64| {
        if share > 0.0 {
            share.log10().max(BOTTOM)
        } else {
            BOTTOM
        }
    };
    let (mut rings, mut wrong) = (0, 0);
    let points = calibrated(results).into_iter().filter_map(|bin| {
        rings += bin.rings;
        wrong += bin.wrong;
        (rings > 0).then(|| (log(bin.q_to), log(wrong as f64 / rings as f64)))
    });
    let curves = vec![
        Curve {
            name: "realised".into(),
            points: points.collect(),
        },
        Curve {
            name: "promised: at most".into(),
            points: vec![(BOTTOM, BOTTOM), (0.0, 0.0)],
        },
    ];
    let axes = Axes {
        x: (BOTTOM, 0.0),
        y: (BOTTOM, 0.0),
        x_title: "q-value up to",
        y_title: "share of false rings among them",
        ticks: 7,
        x_name: &power_of_ten,
        y_name: &power_of_ten,
        joined: true,
    };
    (axes, curves)
}

/// Mean tier of the innocents by the share of the ring's jobs or places that is put on them.
fn framing(results: &Results) -> Chart<'static> {
    let mut curves = Vec::new();
    for (name, trials) in by_name(&results.framing, |trial| &trial.scenario) {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for step in 0..=20 {
            let share = f64::from(step) / 20.0;
            let reached = trials.iter().map(|trial| {
                let k = (share * trial.all as f64).floor() as usize;
                let mut up_to = trial.reached.iter().filter(|(done, _)| *done <= k);
                up_to.next_back().map_or(0.0, |&(_, tier)| f64::from(tier))
            });
            points.push((share, mean(reached)));
        }
        curves.push(Curve {
            name: name.to_owned(),
            points,
        });
    }
    let axes = Axes {
        x: (0.0, 1.0),
        y: (0.0, 3.05),
        x_title: "share of the ring's jobs done, or of its devices and addresses used",
        y_title: "tier of the innocent (mean)",
        ticks: 6,
        x_name: &|x| format!("{:.0} %", x * 100.0),
        y_name: &|y| {
            let names = ["none", "watch", "review", "act"];
            let near = names.get(y.round() as usize);
            near.filter(|_| (y - y.round()).abs() < 0.01)
                .map_or_else(String::new, ToString::to_string)
        },
        joined: true,
    };
    (axes, curves)
}

fn draw(axes: &Axes<'_>, curves: &[Curve]) -> Result<String> {
    let mut picture = String::new();
    paint(axes, curves, &mut picture).map_err(|error| anyhow!("cannot draw: {error}"))?;
    Ok(picture)
}

fn paint(
    axes: &Axes<'_>,
    curves: &[Curve],
    picture: &mut String,
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(picture, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(62)
        .build_cartesian_2d(axes.x.0..axes.x.1, axes.y.0..axes.y.1)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(225, 225, 225))
        .x_labels(axes.ticks)
        .y_labels(7)
        .x_label_formatter(&|x| (axes.x_name)(*x))
        .y_label_formatter(&|y| (axes.y_name)(*y))
        .x_desc(axes.x_title)
        .y_desc(axes.y_title)
        .draw()?;
    for (curve, &colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        if axes.joined {
            let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2));
            chart.draw_series(line)?;
        }
        let marks = curve
            .points
            .iter()
            .map(|&at| Circle::new(at, 4, colour.filled()));
        chart
            .draw_series(marks)?
            .label(&*curve.name)
            .legend(move |(x, y)| Circle::new((x + 8, y), 4, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    area.present()?;
    Ok(())
}
