//! The body of an age file: chunks of 64 KiB, each under its number, the last one marked.

use std::io::{self, BufRead, Read, Write};

use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::Aead as _};

use super::{broken, header};

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// The key of the body.
pub(super) fn key(file_key: &[u8; 16], nonce: &[u8; 16]) -> [u8; 32] {
    header::derive(file_key, nonce, b"payload")
}

/// The nonce of chunk `number`.
fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// Writes a body.
pub(super) struct Encrypting {
    cipher: ChaCha20Poly1305,
}

impl Encrypting {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self { cipher: ChaCha20Poly1305::new(&(*key).into()) }
    }

    /// Encrypts `input` to its end.
    pub(super) fn all(&self, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
        let mut chunk = chunk(input)?;
        for number in 0.. {
            // Only what follows tells whether a full chunk is the last.
            let next = if chunk.len() < CHUNK { Vec::new() } else { self::chunk(input)? };
            let sealed = self.cipher.encrypt(&nonce(number, next.is_empty()).into(), &chunk[..]);
            output.write_all(&sealed.map_err(|_| broken("a chunk cannot be encrypted"))?)?;
            if next.is_empty() {
                break;
            }
            chunk = next;
        }
        Ok(())
    }
}

/// Up to a chunk of `input`; less only at its end.
fn chunk(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK);
    input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

/// Reads a body.
pub struct Decrypting<R> {
    cipher: ChaCha20Poly1305,
    input: R,
    number: u64,
    ended: bool,
    plain: Vec<u8>,
    read: usize,
}

impl<R: BufRead> Decrypting<R> {
    pub(super) fn new(key: &[u8; 32], input: R) -> Self {
        let cipher = ChaCha20Poly1305::new(&(*key).into());
        Self { cipher, input, number: 0, ended: false, plain: Vec::new(), read: 0 }
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(CHUNK + TAG);
        self.input.by_ref().take((CHUNK + TAG) as u64).read_to_end(&mut sealed)?;
        self.ended = self.input.fill_buf()?.is_empty();
        let opened = self.cipher.decrypt(&nonce(self.number, self.ended).into(), &sealed[..]);
        self.plain = opened.map_err(|_| broken("it was changed, or its end was cut off"))?;
        if self.plain.is_empty() && self.number > 0 {
            return Err(broken("it ends with an empty chunk"));
        }
        (self.number, self.read) = (self.number + 1, 0);
        Ok(())
    }
}

impl<R: BufRead> Read for Decrypting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let count = out.len().min(self.plain.len() - self.read);
        out[..count].copy_from_slice(&self.plain[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}
