//! `NodeNames`: what the nodes of an edge list are called.

use crate::sparse::dictionary::Dictionary;

/// Names of nodes, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeNames {
    /// Every name is a whole number.
    Numbers(Vec<u64>),
    /// Names are bytes.
    Texts(Dictionary),
}

impl NodeNames {
    /// Appends the name of `node` to `out`.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn write(&self, node: u32, out: &mut Vec<u8>) {
        match self {
            NodeNames::Numbers(numbers) => {
                let mut digits = [0; 20];
                let mut start = digits.len();
                let mut rest = numbers[node as usize];
                loop {
                    start -= 1;
                    digits[start] = b'0' + (rest % 10) as u8;
                    rest /= 10;
                    if rest == 0 {
                        break;
                    }
                }
                out.extend_from_slice(&digits[start..]);
            }
            NodeNames::Texts(texts) => out.extend_from_slice(texts.get(node)),
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        match self {
            NodeNames::Numbers(numbers) => numbers.len(),
            NodeNames::Texts(texts) => texts.len(),
        }
    }

    /// True when there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of `node` for messages.
    pub(super) fn shown(&self, node: u32) -> String {
        let mut name = Vec::new();
        self.write(node, &mut name);
        String::from_utf8_lossy(&name).into_owned()
    }
}
