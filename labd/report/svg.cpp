// SPDX-License-Identifier: Apache-2.0
#include "report/svg.h"

#include "report/markup.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace lab::report {
namespace {

constexpr double dot_radius = 3.5;
constexpr double thinnest = 1.5;

/// A tenth of a pixel is enough.
std::string number(double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
    std::string text = buffer.data();
    if (text.ends_with(".0")) {
        text.resize(text.size() - 2);
    }
    return text == "-0" ? "0" : text;
}

std::string attribute(const char* name, double value) {
    return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string class_of(std::string_view style) {
    return " class=\"" + std::string(style) + "\"";
}

/// What closes a shape.
std::string end_of(const std::string& element, std::string_view tip) {
    return tip.empty() ? "/>\n" : "><title>" + html_text(tip) + "</title></" + element + ">\n";
}

} // namespace

Svg::Svg(double width, double height, std::string_view name)
    : out_("<svg viewBox=\"0 0 " + number(width) + " " + number(height) + "\" role=\"img\"" +
           " style=\"max-width:" + number(width) + "px\" aria-label=\"" + html_text(name) +
           "\">\n") {}

void Svg::line(Point from, Point to, std::string_view style) {
    out_ += "<line" + class_of(style) + attribute("x1", from.x) + attribute("y1", from.y) +
            attribute("x2", to.x) + attribute("y2", to.y) + "/>\n";
}

void Svg::path(const std::vector<Point>& points, std::string_view style) {
    out_ += "<polyline" + class_of(style) + " points=\"";
    for (const auto& point : points) {
        out_ += (&point == &points.front() ? "" : " ") + number(point.x) + "," + number(point.y);
    }
    out_ += "\"/>\n";
}

void Svg::box(const Box& box, std::string_view style, std::string_view tip) {
    out_ += "<rect" + class_of(style) + attribute("x", box.corner.x) +
            attribute("y", box.corner.y) + attribute("width", std::max(box.width, thinnest)) +
            attribute("height", std::max(box.height, thinnest)) + end_of("rect", tip);
}

void Svg::dot(Point center, std::string_view style, std::string_view tip) {
    out_ += "<circle" + class_of(style) + attribute("cx", center.x) + attribute("cy", center.y) +
            attribute("r", dot_radius) + end_of("circle", tip);
}

void Svg::text(Point at, Anchor anchor, std::string_view style, std::string_view text) {
    static constexpr std::array<const char*, 3> anchors{"start", "middle", "end"};
    out_ += "<text" + class_of(style) + attribute("x", at.x) + attribute("y", at.y) +
            " text-anchor=\"" + anchors.at(static_cast<std::size_t>(anchor)) + "\">" +
            html_text(text) + "</text>\n";
}

} // namespace lab::report
