//! A message with the head of its WebSocket frame before it: written once, shared by all who hear it.

use bytes::Bytes;

/// The first byte of a frame that is a whole text (RFC 6455, section 5.2).
const WHOLE_TEXT: u8 = 0x81;

/// A text as it goes over a WebSocket from the server: one frame, unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    framed: Bytes,
    head: u8,
}

impl Message {
    /// Frames a text.
    pub fn new(text: &[u8]) -> Self {
        let mut framed = Vec::with_capacity(text.len() + 10);
        framed.push(WHOLE_TEXT);
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(length @ 0..=125), _) => framed.push(length),
            (_, Ok(length)) => {
                framed.push(126);
                framed.extend_from_slice(&length.to_be_bytes());
            }
            _ => {
                framed.push(127);
                framed.extend_from_slice(&(text.len() as u64).to_be_bytes());
            }
        }
        let head = framed.len() as u8;
        framed.extend_from_slice(text);
        Self { framed: framed.into(), head }
    }

    /// The text alone.
    pub fn text(&self) -> &[u8] {
        &self.framed[usize::from(self.head)..]
    }

    /// The whole frame.
    pub fn framed(&self) -> &Bytes {
        &self.framed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_how_long_its_text_is() {
        for (length, head) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 255, 255]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let text = vec![b'x'; length];
            let message = Message::new(&text);
            assert_eq!(message.text(), text);
            assert_eq!(**message.framed(), [head, &text].concat());
        }
    }
}
