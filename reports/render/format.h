// How numbers look: the only place where a value is rounded for a reader. Documents (json.cc) are
// never rounded. A value that is not finite reads "n/a" everywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/shapes/units.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

inline constexpr double kGibibyte = 1073741824.0;  ///< bytes

/// `value` with `decimals` digits after the point and commas between thousands: "14,605.2".
std::string format_fixed(double value, int decimals);

/// The same with a plus before what is above zero.
std::string format_signed(double value, int decimals);

/// `value` to `digits` significant digits, never in exponent form: "0.0123", "12,300".
std::string format_significant(double value, int digits);

/// The same without zeros that say nothing: "10", "0.1", "7.25".
std::string format_short(double value, int digits);

/// "1 shape", "3 shapes".
std::string format_number_of(std::size_t count, std::string_view noun);

/// Large counts by their scale: "2,048", "56.7 K", "2.664 M", "14.8 T".
std::string format_count(double value);

/// GPU hours: "2.664 M", "119.0 K", "842".
std::string format_gpu_hours(double hours);

/// A time in the unit that suits it: "20.05 s", "1.23 ms", "56.7 us".
std::string format_seconds(Seconds time);

/// Memory in GiB (2^30 bytes) with one decimal, below 0.1 GiB in MiB: "61.4 GiB".
std::string format_bytes(Bytes bytes);

/// A fraction of one as "12.3 %".
std::string format_percent(double fraction);

/// A change as a fraction of one, with its sign: "+1.2 %".
std::string format_change(double fraction);

/// Money in US dollars: "$5.328 M", "$842".
std::string format_dollars(Dollars amount);

/// A published or projected figure for a table: "s", "bytes", "USD" and "%" are read by people, of
/// other units only the number is shown.
std::string format_figure(double value, std::string_view unit);

/// The same of what may not be there: a dash.
std::string format_figure(std::optional<double> value, std::string_view unit);
std::string format_change(std::optional<double> fraction);

/// The same with any unit behind it: "2.664 M H800 hours".
std::string format_quantity(double value, std::string_view unit);

/// An SVG coordinate: at most one decimal, no trailing zero, "0" for what is not finite.
std::string format_coordinate(double value);

/// `part / whole`, or 0 where the whole is nothing.
double share(double part, double whole);

/// At most `width` characters of UTF-8 text; a longer one ends in "...".
std::string shorten(std::string_view text, int width);

/// The word a reader sees for a basis: "measured", "scaled", "estimated".
std::string basis_word(Basis basis);

/// The same of a term in one setting: launch gaps are "assumed".
std::string term_basis(const PricedTerm& term, Basis basis);

}  // namespace windtunnel
