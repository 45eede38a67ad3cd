//! C-87: requests that two readers would cut in two ways. A proxy before us may read each of them otherwise than we do, so
//! none is answered as if nothing were odd: it is refused, or is the last one on its connection.

use crate::{
    on_both_stores,
    stage::{Stage, Wire},
};

/// What would be a request of its own to whoever ends the one before it too early.
const SECOND: &str = "GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n";

/// Lines of header, and a body, after which [`SECOND`] stands.
const AMBIGUOUS: [(&str, &str); 38] = [
    ("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
    ("Content-Length: 0\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    ("Content-Length: 0\r\nContent-Length: 33", ""),
    ("Content-Length: 33\r\nContent-Length: 0", ""),
    ("Content-Length: 0\r\nContent-Length: 0", ""),
    ("Content-Length: 0, 0", ""),
    ("Content-Length: 0, 33", ""),
    ("Content-Length: +0", ""),
    ("Content-Length: -0", ""),
    ("Content-Length: -1", ""),
    ("Content-Length: 0x0", ""),
    ("Content-Length: 0 0", ""),
    ("Content-Length: 0;x", ""),
    ("Content-Length: 1e0", "x"),
    ("Content-Length: ", ""),
    ("Content-Length: x", ""),
    ("Content-Length: 18446744073709551616", ""),
    ("Content-Length : 0", ""),
    ("Content-Length\t: 0", ""),
    (" Content-Length: 0", ""),
    ("X: y\r\n Content-Length: 0", ""),
    ("X: y\r\n\tContent-Length: 0", ""),
    ("X: y\0Content-Length: 0", ""),
    ("Transfer-Encoding: xchunked", "0\r\n\r\n"),
    ("Transfer-Encoding: identity", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
    ("Transfer-Encoding: identity, chunked", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
    ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    ("Transfer-Encoding : chunked", "0\r\n\r\n"),
    ("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"),
    ("Transfer-Encoding: \x0bchunked", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "0x0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "+0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "10000000000000000\r\n\r\n"),
    ("Transfer-Encoding: chunked", "-1\r\n\r\n"),
];

on_both_stores! {
    async fn a_request_that_can_be_cut_in_two_ways_has_no_second_one_behind_it(stage: Stage) {
        let wire = Wire::to(&stage);
        let answers = async |request: String| wire.send(request.as_bytes()).await.text.matches("HTTP/1.1 ").count();
        let head = |path: &str, lines: &str| format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n\r\n");
        let last = "GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        // What can be cut in one way only has: so the others are refused for what they are.
        for (lines, body) in [("Content-Length: 3", "a=b"), ("Transfer-Encoding: chunked", "3\r\na=b\r\n0\r\n\r\n")] {
            assert!(answers(format!("{}{body}{last}", head("/token", lines))).await >= 1, "{lines}");
        }
        assert_eq!(answers(format!("{}a=b{last}", head("/token", "Content-Length: 3"))).await, 2);
        let mut wrong = Vec::new();
        for (lines, body) in AMBIGUOUS {
            for path in ["/token", "/logout", "/jwks", "/nowhere", "/events/google/risc"] {
                let request = format!("{}{body}{SECOND}{last}", head(path, lines));
                let answer = wire.send(request.as_bytes()).await;
                let count = answer.text.matches("HTTP/1.1 ").count();
                if count > 1 || answer.text.contains("\"keys\"") {
                    wrong.push(format!("{lines:?} {body:?} {path}: {} x{count}", answer.status));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        stage.stop().await;
    }
}
