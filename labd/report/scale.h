// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// From values to places in a picture. Pure.
namespace lab::report {

/// A range of values; low <= high, both finite.
struct Extent {
    double low = 0;
    double high = 0;
};

/// The extent of the values, wider by `margin` of its width on both sides; of equal values by a
/// twentieth of their size, and never empty. [0, 1] for none.
[[nodiscard]] Extent extent_of(const std::vector<double>& values, double margin);

/// Values on a line, or their logarithms.
enum class Spacing { linear, logarithmic };

/// Maps an extent of values to an extent of the picture. Logarithmic: values below the extent are
/// at its begin; the extent is positive.
class Scale {
public:
    Scale(Extent values, Extent picture, Spacing spacing = Spacing::linear)
        : values_(values), picture_(picture), spacing_(spacing) {}

    /// Where a value is, inside the picture's extent.
    [[nodiscard]] double operator()(double value) const;

    [[nodiscard]] const Extent& values() const { return values_; }

private:
    Extent values_;
    Extent picture_;
    Spacing spacing_;
};

/// Round numbers inside the extent, 1, 2 or 5 times a power of ten apart, ascending, `most` (2 or
/// more) at most.
[[nodiscard]] std::vector<double> ticks(Extent extent, std::size_t most);

/// The same of seconds: round numbers of seconds, minutes, hours or days.
[[nodiscard]] std::vector<double> time_ticks(Extent extent, std::size_t most);

/// Powers of `base` inside the extent, from 1 on.
[[nodiscard]] std::vector<double> power_ticks(Extent extent, double base);

/// A tick's number with the decimals that tell it from its neighbour.
[[nodiscard]] std::string tick_text(double value, double step);

/// Chance of an event that was seen `failures` times in `runs` (not 0) runs: Wilson's 95 %
/// interval.
///
/// (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) with z = 1.96.
/// @see E. B. Wilson, Probable Inference, JASA 22 (1927).
[[nodiscard]] Extent failure_interval(unsigned failures, unsigned runs);

} // namespace lab::report
