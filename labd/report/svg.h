// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lab::report {

struct Point {
    double x = 0;
    double y = 0;
};

struct Box {
    Point corner; ///< left, above
    double width = 0;
    double height = 0;
};

enum class Anchor { start, middle, end };

/// A picture for a page that has the style sheet: shapes only carry classes. Units are the page's
/// pixels as long as the picture has room. Texts and tips are foreign bytes and are escaped;
/// classes are ours.
class Svg {
public:
    /// @param name  says what is shown, for those who do not see it.
    Svg(double width, double height, std::string_view name);

    void line(Point from, Point to, std::string_view style);
    void path(const std::vector<Point>& points, std::string_view style);

    /// A shape of no width or height is still seen. The tip is shown by a mouse; empty = none.
    void box(const Box& box, std::string_view style, std::string_view tip = {});
    void dot(Point center, std::string_view style, std::string_view tip = {});
    void text(Point at, Anchor anchor, std::string_view style, std::string_view text);

    /// The whole element.
    [[nodiscard]] std::string finish() const { return out_ + "</svg>\n"; }

private:
    std::string out_;
};

} // namespace lab::report
