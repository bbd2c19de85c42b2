//! Cells of an Arrow array, as the bytes that make keys.

use std::io::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;

use crate::events::chunk::{Cells, Span};
use crate::events::log::UNKNOWN_TIME;

const DAY_MICROS: i64 = 86_400_000_000;

/// Whether [`read`] knows the type.
pub(super) fn is_readable(kind: &DataType) -> bool {
    use DataType as T;
    is_time(kind)
        || matches!(
            kind,
            T::Utf8 | T::Binary | T::FixedSizeBinary(_) | T::Boolean
        )
        || matches!(kind, T::Int8 | T::Int16 | T::Int32 | T::Int64)
        || matches!(kind, T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64)
        || matches!(kind, T::Float32 | T::Float64 | T::Decimal128(_, _))
}

/// Whether the type is a time by itself.
pub(super) fn is_time(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(_, _) | DataType::Date32)
}

/// The microseconds in a cell that was read as a time; `None` if they do not fit.
pub(super) fn typed_micros(cell: &[u8]) -> Option<i64> {
    let micros = i64::from_le_bytes(cell.try_into().ok()?);
    (micros != UNKNOWN_TIME).then_some(micros)
}

/// All cells of `array`; those of times as the bytes of their microseconds if `typed`.
pub(super) fn read(array: &dyn Array, typed: bool) -> (Cells<'_>, Vec<Span>) {
    use DataType as T;
    match array.data_type() {
        T::Utf8 => {
            let array = array.as_string::<i32>();
            (
                Cells::new(array.value_data()),
                between(array, array.value_offsets()),
            )
        }
        T::Binary => {
            let array = array.as_binary::<i32>();
            (
                Cells::new(array.value_data()),
                between(array, array.value_offsets()),
            )
        }
        T::FixedSizeBinary(_) => {
            let array = array.as_fixed_size_binary();
            written(array, |row, out| out.extend_from_slice(array.value(row)))
        }
        T::Boolean => {
            let array = array.as_boolean();
            let text = |row| if array.value(row) { "true" } else { "false" };
            written(array, |row, out| {
                out.extend_from_slice(text(row).as_bytes());
            })
        }
        T::Int8 => integers::<Int8Type>(array),
        T::Int16 => integers::<Int16Type>(array),
        T::Int32 => integers::<Int32Type>(array),
        T::Int64 => integers::<Int64Type>(array),
        T::UInt8 => integers::<UInt8Type>(array),
        T::UInt16 => integers::<UInt16Type>(array),
        T::UInt32 => integers::<UInt32Type>(array),
        T::UInt64 => {
            let array = array.as_primitive::<UInt64Type>();
            written(array, |row, out| decimal(array.value(row), out))
        }
        T::Float32 => {
            let array = array.as_primitive::<Float32Type>();
            written(array, |row, out| {
                float(array.value(row), array.value(row).is_nan(), out);
            })
        }
        T::Float64 => {
            let array = array.as_primitive::<Float64Type>();
            written(array, |row, out| {
                float(array.value(row), array.value(row).is_nan(), out);
            })
        }
        T::Decimal128(_, _) => {
            let array = array.as_primitive::<Decimal128Type>();
            written(array, |row, out| {
                out.extend_from_slice(array.value_as_string(row).as_bytes());
            })
        }
        kind => {
            let micros = micros_of(array, kind);
            written(array, |row, out| {
                let micros = micros(row).unwrap_or(UNKNOWN_TIME);
                if typed {
                    out.extend_from_slice(&micros.to_le_bytes());
                } else {
                    write_time(micros, matches!(kind, T::Date32), out);
                }
            })
        }
    }
}

/// Spans between offsets into the text, which Arrow keeps below 2 GiB.
fn between(array: &dyn Array, offsets: &[i32]) -> Vec<Span> {
    offsets
        .windows(2)
        .enumerate()
        .map(|(row, ends)| {
            if array.is_null(row) {
                Span::default()
            } else {
                Span::of_text(ends[0] as usize, ends[1] as usize)
            }
        })
        .collect()
}

fn written<'a>(array: &dyn Array, write: impl Fn(usize, &mut Vec<u8>)) -> (Cells<'a>, Vec<Span>) {
    let mut cells = Cells::new(&[]);
    let spans = (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                Span::default()
            } else {
                cells.write(|out| write(row, out))
            }
        })
        .collect();
    (cells, spans)
}

fn integers<'a, T: ArrowPrimitiveType<Native: Into<i64>>>(
    array: &dyn Array,
) -> (Cells<'a>, Vec<Span>) {
    let array = array.as_primitive::<T>();
    written(array, |row, out| {
        let value: i64 = array.value(row).into();
        if value < 0 {
            out.push(b'-');
        }
        decimal(value.unsigned_abs(), out);
    })
}

/// The digits of `value`.
fn decimal(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

fn float(value: impl std::fmt::Display, absent: bool, out: &mut Vec<u8>) {
    if !absent {
        // Writing to a vector does not fail.
        let _ = write!(out, "{value}");
    }
}

/// The microseconds of a row, for the types of [`is_time`].
fn micros_of<'a>(array: &'a dyn Array, kind: &DataType) -> Box<dyn Fn(usize) -> Option<i64> + 'a> {
    match kind {
        DataType::Timestamp(TimeUnit::Second, _) => {
            let array = array.as_primitive::<TimestampSecondType>();
            Box::new(|row| array.value(row).checked_mul(1_000_000))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let array = array.as_primitive::<TimestampMillisecondType>();
            Box::new(|row| array.value(row).checked_mul(1_000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let array = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(|row| Some(array.value(row)))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let array = array.as_primitive::<TimestampNanosecondType>();
            Box::new(|row| Some(array.value(row).div_euclid(1_000)))
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            Box::new(|row| i64::from(array.value(row)).checked_mul(DAY_MICROS))
        }
        _ => Box::new(|_| None),
    }
}

/// A time as a key: RFC 3339, or the date alone; nothing for a time that no calendar has.
fn write_time(micros: i64, date: bool, out: &mut Vec<u8>) {
    let Ok(time) = Timestamp::from_microsecond(micros) else {
        return;
    };
    let _ = if date {
        write!(out, "{}", time.strftime("%Y-%m-%d"))
    } else {
        write!(out, "{time}")
    };
}
