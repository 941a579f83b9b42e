// Messages cut from a stream (docs/wire-format.adoc), as simply as it is
// usually done.

const HEADER: usize = 8;
const MAX_FRAME: u64 = 16 << 20;

#[derive(Default)]
pub struct Cutter {
    begun: Vec<u8>, // a message that is not whole yet
}

impl Cutter {
    /// Calls `take` with each whole message, its header included. False: the
    /// stream cannot be followed.
    pub fn cut(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> bool {
        let mut begun = std::mem::take(&mut self.begun);
        let had = !begun.is_empty();
        if had {
            begun.extend_from_slice(bytes);
        }
        let all = if had { &begun[..] } else { bytes };
        let mut used = 0;
        while all.len() - used >= HEADER {
            let rest = &all[used..];
            let length = u64::from_be_bytes(rest[..HEADER].try_into().unwrap());
            if length > MAX_FRAME {
                return false;
            }
            let whole = HEADER + length as usize;
            if rest.len() < whole {
                break;
            }
            take(&rest[..whole]);
            used += whole;
        }
        if had {
            begun.drain(..used);
        } else {
            begun.extend_from_slice(&bytes[used..]);
        }
        self.begun = begun;
        true
    }
}
