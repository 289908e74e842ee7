//! A part as bytes, for a fast start: a header, then one zstd frame with its checksum.

mod codec;

use std::io::{ErrorKind, Read, Write};

use codec::{put_all, put_one, take_all, take_one};
use lintel_domain::listing::Status;

use crate::{
    Cursor, Error, Part,
    column::{Bits, Real, Sets},
    part::{Kinds, Piece},
    place::{Grid, Raster},
    segment::{Group, Segment},
    text::{DENSITY, Dictionary, Text},
};

const MAGIC: &[u8; 8] = b"LNTLPART";
/// Changes with the layout and with the way words are cut and stemmed.
const VERSION: u32 = 1;
/// The fastest level of zstd that still compresses.
const LEVEL: i32 = 1;

impl Part {
    /// Writes it, so that [`Part::read_snapshot`] can read it. Give it a buffered writer.
    pub fn write_snapshot(&self, to: &mut impl Write) -> Result<(), Error> {
        to.write_all(MAGIC)?;
        to.write_all(&VERSION.to_le_bytes())?;
        let mut to = zstd::Encoder::new(to, LEVEL)?;
        to.include_checksum(true)?;
        put_one(&mut to, self.cursor.0)?;
        put_one(&mut to, self.cursor.1)?;
        put_one(&mut to, self.kinds.names.len() as u64 - 1)?;
        for name in &self.kinds.names[1..] {
            put_all(&mut to, name.as_bytes())?;
        }
        put_one(&mut to, self.pieces.len() as u64)?;
        for piece in &self.pieces {
            put_piece(&mut to, piece)?;
        }
        to.finish()?.flush()?;
        Ok(())
    }

    /// Reads what [`Part::write_snapshot`] wrote.
    ///
    /// # Errors
    /// [`Error::Snapshot`] when the bytes are damaged, cut off or of another version: build the part anew.
    pub fn read_snapshot(from: &mut impl Read) -> Result<Self, Error> {
        read(from).map_err(|error| match error {
            Error::Io(error) if is_damage(error.kind()) => Error::Snapshot("damaged or cut off"),
            other => other,
        })
    }
}

/// Whether an input error speaks of the bytes and not of the device: zstd reports damage as [`ErrorKind::Other`].
fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::Other)
}

fn read(from: &mut impl Read) -> Result<Part, Error> {
    let mut magic = [0; 8];
    from.read_exact(&mut magic)?;
    if &magic != MAGIC {
        return Err(Error::Snapshot("not a snapshot"));
    }
    if take_one::<u32>(from)? != VERSION {
        return Err(Error::Snapshot("another version"));
    }
    let mut from = zstd::Decoder::new(from)?;
    let cursor = Cursor(take_one(&mut from)?, take_one(&mut from)?);
    let mut names = Vec::new();
    for _ in 0..take_one::<u64>(&mut from)? {
        let name = String::from_utf8(take_all(&mut from)?);
        names.push(name.map_err(|_| Error::Snapshot("a name is not text"))?);
    }
    let count = names.len() + 1;
    let kinds = Kinds::new(names.into_iter());
    if kinds.names.len() != count {
        return Err(Error::Snapshot("a name is there twice"));
    }
    let mut pieces = Vec::new();
    for _ in 0..take_one::<u64>(&mut from)? {
        pieces.push(take_piece(&mut from, count)?);
    }
    // Reading to the end is what makes zstd compare the checksum.
    if from.read(&mut [0])? != 0 {
        return Err(Error::Snapshot("more than a part"));
    }
    Ok(Part { pieces, kinds: kinds.into(), cursor })
}

fn put_piece(to: &mut impl Write, piece: &Piece) -> Result<(), Error> {
    let segment = &*piece.segment;
    put_all(to, &segment.ids)?;
    let groups = &segment.groups;
    put_all(to, &groups.iter().map(|group| group.status as u8).collect::<Vec<_>>())?;
    put_all(to, &groups.iter().map(|group| group.kind).collect::<Vec<_>>())?;
    put_all(to, &groups.iter().map(|group| group.priced).collect::<Vec<_>>())?;
    put_all(to, &groups.iter().map(|group| group.to).collect::<Vec<_>>())?;
    put_all(to, &segment.price)?;
    put_all(to, &segment.listed)?;
    put_all(to, &segment.days)?;
    put_all(to, segment.open.words())?;
    for column in [&segment.bedrooms, &segment.bathrooms, &segment.living, &segment.lot] {
        match column {
            Real::Quarters(values) => {
                put_one(to, 0u8)?;
                put_all(to, values)?;
            }
            Real::Single(values) => {
                put_one(to, 1u8)?;
                put_all(to, values)?;
            }
            Real::Double(values) => {
                put_one(to, 2u8)?;
                put_all(to, values)?;
            }
        }
    }
    put_all(to, &segment.year)?;
    put_all(to, &segment.latitude)?;
    put_all(to, &segment.longitude)?;
    let (letters, starts) = segment.text.stems.raw();
    put_all(to, letters.as_bytes())?;
    put_all(to, starts)?;
    for sets in [&segment.text.remarks, &segment.text.address] {
        let (bytes, starts, counts) = sets.raw();
        put_all(to, bytes)?;
        put_all(to, starts)?;
        put_all(to, counts)?;
    }
    put_all(to, piece.live.words())?;
    put_all(to, &piece.estimates)
}

fn take_piece(from: &mut impl Read, kinds: usize) -> Result<Piece, Error> {
    const WRONG: Error = Error::Snapshot("columns do not belong together");
    let ids = take_all(from)?;
    let slots = ids.len();
    let groups = take_groups(from, slots, kinds)?;
    let price = take_all(from)?;
    let listed = take_all(from)?;
    let days = take_all(from)?;
    let open = Bits::from_words(take_all(from)?, slots).ok_or(WRONG)?;
    let mut reals = [const { Real::Quarters(Vec::new()) }; 4];
    for column in &mut reals {
        *column = match take_one::<u8>(from)? {
            0 => Real::Quarters(take_all(from)?),
            1 => Real::Single(take_all(from)?),
            2 => Real::Double(take_all(from)?),
            _ => return Err(WRONG),
        };
    }
    let [bedrooms, bathrooms, living, lot] = reals;
    let year = take_all(from)?;
    let latitude = take_all(from)?;
    let longitude = take_all(from)?;
    let letters = take_all(from)?;
    let stems = Dictionary::from_raw(letters, take_all(from)?).ok_or(WRONG)?;
    let mut take_sets = || {
        let (bytes, starts, counts) = (take_all(from)?, take_all(from)?, take_all(from)?);
        Sets::from_raw(bytes, starts, counts, slots, DENSITY).filter(|sets| sets.len() == stems.len()).ok_or(WRONG)
    };
    let (remarks, address) = (take_sets()?, take_sets()?);
    let live = Bits::from_words(take_all(from)?, slots).ok_or(WRONG)?;
    let estimates: Vec<i64> = take_all(from)?;
    let segment = Segment {
        ids,
        groups,
        price,
        listed,
        days,
        open,
        bedrooms,
        bathrooms,
        living,
        lot,
        year,
        latitude,
        longitude,
        text: Text { stems, remarks, address },
        by_id: Vec::new(),
        by_newest: Vec::new(),
        listings_of_days: Vec::new(),
        grid: Grid::default(),
        raster: Raster::default(),
        rooms: Default::default(),
    };
    let reals = [&segment.bedrooms, &segment.bathrooms, &segment.living, &segment.lot];
    let whole = [segment.price.len(), segment.listed.len(), segment.days.len(), segment.year.len()]
        .into_iter()
        .chain([segment.latitude.len(), segment.longitude.len()])
        .chain(reals.map(Real::len))
        .all(|len| len == slots)
        && (estimates.is_empty() || estimates.len() == slots);
    if !whole {
        return Err(WRONG);
    }
    Ok(Piece::of(segment.ordered(), live, estimates))
}

fn take_groups(from: &mut impl Read, slots: usize, kinds: usize) -> Result<Vec<Group>, Error> {
    const WRONG: Error = Error::Snapshot("groups do not cover the listings");
    let statuses: Vec<u8> = take_all(from)?;
    let numbers: Vec<u32> = take_all(from)?;
    let priced: Vec<u32> = take_all(from)?;
    let ends: Vec<u32> = take_all(from)?;
    if [numbers.len(), priced.len(), ends.len()] != [statuses.len(); 3] {
        return Err(WRONG);
    }
    let mut groups: Vec<Group> = Vec::with_capacity(statuses.len());
    for (at, status) in statuses.into_iter().enumerate() {
        let group = Group {
            status: *Status::ALL.get(status as usize).ok_or(WRONG)?,
            kind: numbers[at],
            from: groups.last().map_or(0, |group| group.to),
            priced: priced[at],
            to: ends[at],
        };
        let ordered = group.from <= group.priced && group.priced <= group.to && group.from < group.to;
        if !ordered || group.kind as usize >= kinds {
            return Err(WRONG);
        }
        groups.push(group);
    }
    if groups.last().map_or(0, |group| group.to as usize) != slots {
        return Err(WRONG);
    }
    Ok(groups)
}
