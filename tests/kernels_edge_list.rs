//! Edge lists in all the shapes that people have them, and what is said of broken ones.

use std::io::Write;
use std::path::Path;

use ringsweep::base::run::Run;
use ringsweep::links::from_edge_list::{EdgeList, EdgeListError, EdgeMeaning, read_edge_list};

fn read(text: &[u8], meaning: EdgeMeaning) -> Result<EdgeList, EdgeListError> {
    read_as("edges.el", text, None, meaning)
}

fn read_as(
    name: &str,
    text: &[u8],
    nodes: Option<&str>,
    meaning: EdgeMeaning,
) -> Result<EdgeList, EdgeListError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let nodes = nodes.map(|text| {
        let path = folder.path().join("nodes.txt");
        std::fs::write(&path, text).unwrap();
        path
    });
    read_edge_list(&path, nodes.as_deref(), meaning, &Run::quiet())
}

/// `u v weight` of every edge once, by name.
fn edges(list: &EdgeList) -> Vec<String> {
    let name = |node| {
        let mut out = Vec::new();
        list.names.write(node, &mut out);
        String::from_utf8(out).unwrap()
    };
    let rows = 0..list.graph.nodes() as u32;
    rows.flat_map(|u| list.graph.edges(u).map(move |(v, weight)| (u, v, weight)))
        .filter(|&(u, v, _)| u <= v)
        .map(|(u, v, weight)| format!("{} {} {weight}", name(u), name(v)))
        .collect()
}

#[test]
fn separators_comments_headers_and_line_ends_do_not_matter() {
    let expected = edges(&read(b"1 2\n2 10\n", EdgeMeaning::Plain).unwrap());
    assert_eq!(expected, ["1 2 1", "2 10 1"]);
    let same: [&[u8]; 8] = [
        b"1\t2\n10\t2",
        b"src,dst\r\n1,2\r\n2,10\r\n",
        b"# comment\n\n% another\nSource,Target,Weight\n1,2,5\n2,10,7\n",
        b"1 2\n1 2\n2 1\n2 10\n",
        b"  1   2  \n\t2 , 10\n",
        b"001 2\n2 010\n",
        b"u v\n#\n2 10 x y z\n1 2",
        b"account_a,account_b,weight,shared,co_actions\n1,2,3,4,5\n2,10,1,1,1\n",
    ];
    for text in same {
        let list = read(text, EdgeMeaning::Plain).unwrap();
        assert_eq!(edges(&list), expected, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn names_are_numbers_only_if_all_are() {
    let list = read(b"b a\n10 9\n", EdgeMeaning::Plain).unwrap();
    assert_eq!(edges(&list), ["10 9 1", "a b 1"]);
    let list = read(
        b"18446744073709551615 3\n4294967295 3\n",
        EdgeMeaning::Plain,
    )
    .unwrap();
    assert_eq!(edges(&list), ["3 4294967295 1", "3 18446744073709551615 1"]);
    let list = read(b"4000000000 3\n", EdgeMeaning::Plain).unwrap();
    assert_eq!(edges(&list), ["3 4000000000 1"]);
    let list = read_as("e.txt", b"1 2\n", Some("7\nx\n"), EdgeMeaning::Plain).unwrap();
    assert_eq!(
        (list.graph.nodes(), edges(&list)),
        (4, vec!["1 2 1".to_owned()])
    );
}

#[test]
fn weights_are_summed_exactly_and_directions_counted() {
    let list = read(b"1 2 3\n2 1 4\n1 1 2\n", EdgeMeaning::Weighted).unwrap();
    assert_eq!(
        (edges(&list), list.weight_scale),
        (vec!["1 1 2".to_owned(), "1 2 7".into()], 1)
    );
    let list = read(b"1 2 0.5\n2 3 0.25\n1 2 1\n", EdgeMeaning::Weighted).unwrap();
    assert_eq!(
        (edges(&list), list.weight_scale),
        (vec!["1 2 150".to_owned(), "2 3 25".into()], 100)
    );
    let list = read(b"1 2\n1 2\n", EdgeMeaning::Weighted).unwrap();
    assert_eq!(list.graph.arc_weights(), None);
    let list = read(b"1 2 0.5\n2 1 0.25\n1 3 9\n1 3 9\n", EdgeMeaning::Directed).unwrap();
    assert_eq!(edges(&list), ["1 2 2", "1 3 1"]);
}

#[test]
fn packed_files_are_unpacked() {
    let text: Vec<u8> = (0..200_000u32)
        .flat_map(|i| format!("{i} {}\n", i + 1).into_bytes())
        .collect();
    let plain = read(&text, EdgeMeaning::Plain).unwrap();
    assert_eq!(
        (plain.graph.nodes(), plain.graph.arcs()),
        (200_001, 400_000)
    );
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&text).unwrap();
    let gz = gz.finish().unwrap();
    assert_eq!(
        read_as("e.el.gz", &gz, None, EdgeMeaning::Plain).unwrap(),
        plain
    );
    let zst = zstd::encode_all(text.as_slice(), 1).unwrap();
    assert_eq!(
        read_as("e.zst", &zst, None, EdgeMeaning::Plain).unwrap(),
        plain
    );
    let cut = read_as("e.el.gz", &gz[..gz.len() / 2], None, EdgeMeaning::Plain).unwrap_err();
    assert!(cut.is_bad_data(), "{cut}");
}

#[test]
fn broken_lines_are_named_by_line_and_byte() {
    let lines: Vec<String> = (0..300_000u32)
        .map(|i| format!("{i} {}\n", i / 2))
        .collect();
    let mut far = lines.concat();
    let bytes = far.len() as u64;
    far.push_str("5\n6 7\n");
    match read(far.as_bytes(), EdgeMeaning::Plain).unwrap_err() {
        EdgeListError::Line {
            line,
            byte,
            expected,
            found,
            ..
        } => {
            assert_eq!(
                (line, byte, expected, found.as_str()),
                (300_001, bytes, "two nodes", "5")
            );
        }
        other => panic!("{other}"),
    }
    for (text, bad_line) in [
        (&b"1 2 3\n4 5\n"[..], 2),
        (b"1 2 3\n\n4 5 -1\n", 3),
        (b"a b 0\n", 1),
        (b"# x\nu v w\n1 2 nan\n", 3),
        (b"1 2 1e300\n", 1),
    ] {
        match read(text, EdgeMeaning::Weighted).unwrap_err() {
            EdgeListError::Line { line, .. } => assert_eq!(line, bad_line),
            other => panic!("{other}"),
        }
    }
    let heavy = read(b"1 2 4294967295\n2 1 1\n", EdgeMeaning::Weighted).unwrap_err();
    assert!(
        heavy.is_bad_data() && heavy.to_string().contains("1 and 2"),
        "{heavy}"
    );
    let missing = read_edge_list(
        Path::new("/nowhere/at/all"),
        None,
        EdgeMeaning::Plain,
        &Run::quiet(),
    );
    assert!(!missing.unwrap_err().is_bad_data());
}

#[test]
fn files_without_edges_are_graphs_without_edges() {
    for text in [&b""[..], b"\n\n", b"# nothing\n", b"src dst\n"] {
        assert_eq!(read(text, EdgeMeaning::Weighted).unwrap().graph.nodes(), 0);
    }
}

#[test]
fn lists_do_not_depend_on_threads() {
    let line = |i: u64| {
        format!(
            "{} {} {}\n",
            i * 7919 % 50_021,
            i * 104_729 % 50_021,
            1 + i % 9
        )
    };
    let text = (0..400_000).map(line).collect::<Vec<_>>().concat();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| read(text.as_bytes(), EdgeMeaning::Weighted).unwrap())
    };
    assert_eq!(on(1), on(4));
}
