// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/sqlite_outbox.h"

#include "adapters/store/database.h"

#include <algorithm>
#include <array>
#include <limits>

namespace lab::adapters {
namespace {

using notify::LetterState;
using ports::ChannelAddress;
using ports::Letter;
using ports::Watch;

constexpr auto dead_letters_stay = std::chrono::hours(24 * 30);

constexpr const char* shown_table =
    "create table shown (series text not null, config_path text not null, channel text not null,"
    " name text not null, time real not null,"
    " primary key (series, config_path, channel)) without rowid";

constexpr std::array outbox_migrations{
    Migration{1, "alter table letter add column series text not null default ''"},
    Migration{1, shown_table},
};

constexpr std::array outbox_tables{
    "create table letter (number integer primary key autoincrement, id text not null unique,"
    " key text not null, config_path text not null, channel text not null,"
    " config_text text not null, series text not null, message text not null,"
    " created real not null,"
    " state text not null, attempts integer not null, parcel text not null, due real not null,"
    " expires real not null, reason text not null)",
    "create unique index letter_once on letter (key, config_path, channel)",
    "create index letter_state on letter (state, config_path, channel, number)",
    shown_table,
    "create table told (key text primary key) without rowid",
    "create table watch (job text not null, config_path text not null, channel text not null,"
    " config_text text not null, primary key (job, config_path, channel)) without rowid",
    "create table began (time real not null)",
    "insert into began values ((julianday('now') - 2440587.5) * 86400.0)",
};

Letter letter_from(const soci::row& row) {
    Letter letter;
    letter.number = std::stoull(row.get<std::string>(0));
    letter.id = row.get<std::string>(1);
    letter.key = row.get<std::string>(2);
    letter.to = {row.get<std::string>(3), row.get<std::string>(4)};
    letter.config_text = row.get<std::string>(5);
    letter.message = row.get<std::string>(6);
    letter.created = from_epoch_seconds(row.get<double>(7));
    letter.state = notify::letter_state_from(row.get<std::string>(8));
    letter.attempts = static_cast<unsigned>(row.get<int>(9));
    letter.parcel = row.get<std::string>(10);
    letter.due = from_epoch_seconds(row.get<double>(11));
    letter.expires = from_epoch_seconds(row.get<double>(12));
    letter.reason = row.get<std::string>(13);
    letter.series = row.get<std::string>(14);
    letter.shown = row.get<std::string>(15);
    return letter;
}

/// As many words as there are states; the first one again where fewer are asked for.
std::array<std::string, 4> words_of(const std::vector<LetterState>& states) {
    std::array<std::string, 4> words{"waiting", "delivered", "dead", "dropped"};
    for (std::size_t i = 0; !states.empty() && i < words.size(); ++i) {
        words.at(i) = notify::to_string(i < states.size() ? states[i] : states.front());
    }
    return words;
}

} // namespace

SqliteOutbox::SqliteOutbox(const std::filesystem::path& file)
    : sql_(open_database(file, {2, outbox_tables, outbox_migrations})) {}

SqliteOutbox::~SqliteOutbox() = default;

bool SqliteOutbox::knows(const std::string& key, WallTime time) {
    const std::lock_guard lock(mutex_);
    return translated("read what was told", [&] {
        const double seconds = to_epoch_seconds(time);
        int count = 0;
        *sql_ << "select (select count(*) from told where key = :key)"
                 " + (select count(*) from began where time > :time)",
            soci::use(key), soci::use(seconds), soci::into(count);
        return count > 0;
    });
}

void SqliteOutbox::add(const std::string& key, const std::vector<Letter>& letters) {
    const std::lock_guard lock(mutex_);
    translated("store letters", [&] {
        soci::transaction transaction(*sql_);
        *sql_ << "insert or ignore into told (key) values (:key)", soci::use(key);
        for (const auto& letter : letters) {
            insert(letter);
        }
        const double old = to_epoch_seconds(std::chrono::system_clock::now() - dead_letters_stay);
        *sql_ << "delete from letter where state = 'dead' and expires < :old", soci::use(old);
        *sql_ << "delete from shown where time < :old", soci::use(old);
        transaction.commit();
    });
}

void SqliteOutbox::insert(const Letter& letter) {
    const double created = to_epoch_seconds(letter.created);
    const double due = to_epoch_seconds(letter.due);
    const double expires = to_epoch_seconds(letter.expires);
    *sql_ << "update letter set state = 'dropped', message = '', config_text = ''"
             " where series = :s and series <> '' and key <> :k and config_path = :p"
             " and channel = :c and state = 'waiting' and attempts = 0",
        soci::use(letter.series), soci::use(letter.key), soci::use(letter.to.config_path),
        soci::use(letter.to.channel);
    *sql_ << "insert or ignore into letter (id, key, config_path, channel, config_text, series,"
             " message, created, state, attempts, parcel, due, expires, reason)"
             " values (:a, :b, :c, :d, :e, :f, :g, :h, 'waiting', 0, '', :i, :j, '')",
        soci::use(letter.id), soci::use(letter.key), soci::use(letter.to.config_path),
        soci::use(letter.to.channel), soci::use(letter.config_text), soci::use(letter.series),
        soci::use(letter.message), soci::use(created), soci::use(due), soci::use(expires);
}

std::vector<Letter> SqliteOutbox::letters(const ports::LetterQuery& query) {
    const std::lock_guard lock(mutex_);
    return translated("read letters", [&] {
        const auto words = words_of(query.states);
        const auto to = query.to.value_or(ChannelAddress{});
        const int everywhere = query.to ? 0 : 1;
        const auto limit = static_cast<long long>(
            std::min<std::size_t>(query.limit, std::numeric_limits<long long>::max()));
        const soci::rowset<soci::row> rows =
            (sql_->prepare << "select cast(number as text), id, key, letter.config_path,"
                              " letter.channel, config_text, message, created, state, attempts,"
                              " parcel, due, expires, reason, letter.series,"
                              " coalesce(shown.name, '') from letter left join shown on"
                              " shown.series = letter.series and shown.channel = letter.channel"
                              " and shown.config_path = letter.config_path"
                              " where state in (:s1, :s2, :s3, :s4) and (:everywhere = 1"
                              " or (letter.config_path = :path and letter.channel = :name))"
                              " and (:id = '' or id = :id2) order by letter.number limit :limit",
             soci::use(words[0]), soci::use(words[1]), soci::use(words[2]), soci::use(words[3]),
             soci::use(everywhere), soci::use(to.config_path), soci::use(to.channel),
             soci::use(query.id), soci::use(query.id), soci::use(limit));
        std::vector<Letter> letters;
        std::transform(rows.begin(), rows.end(), std::back_inserter(letters), letter_from);
        return letters;
    });
}

std::vector<ChannelAddress> SqliteOutbox::waiting() {
    const std::lock_guard lock(mutex_);
    return translated("read letters", [&] {
        const soci::rowset<soci::row> rows =
            sql_->prepare << "select distinct config_path, channel from letter"
                             " where state = 'waiting' order by config_path, channel";
        std::vector<ChannelAddress> all;
        for (const auto& row : rows) {
            all.push_back({row.get<std::string>(0), row.get<std::string>(1)});
        }
        return all;
    });
}

void SqliteOutbox::update(const std::vector<Letter>& letters) {
    const std::lock_guard lock(mutex_);
    translated("store letters", [&] {
        soci::transaction transaction(*sql_);
        for (const auto& letter : letters) {
            const std::string state = notify::to_string(letter.state);
            const auto attempts = static_cast<int>(letter.attempts);
            const double due = to_epoch_seconds(letter.due);
            const double expires = to_epoch_seconds(letter.expires);
            *sql_ << "update letter set state = :a, attempts = :b, parcel = :c, due = :d,"
                     " expires = :e, reason = :f where id = :g and state in ('waiting', 'dead')",
                soci::use(state), soci::use(attempts), soci::use(letter.parcel), soci::use(due),
                soci::use(expires), soci::use(letter.reason), soci::use(letter.id);
            *sql_ << "update letter set message = '', config_text = '' where id = :id"
                     " and state in ('delivered', 'dropped')",
                soci::use(letter.id);
            if (!letter.series.empty()) {
                const double now = to_epoch_seconds(std::chrono::system_clock::now());
                *sql_ << "insert into shown (series, config_path, channel, name, time)"
                         " values (:s, :p, :c, :n, :t) on conflict do update"
                         " set name = excluded.name, time = excluded.time",
                    soci::use(letter.series), soci::use(letter.to.config_path),
                    soci::use(letter.to.channel), soci::use(letter.shown), soci::use(now);
            }
        }
        transaction.commit();
    });
}

void SqliteOutbox::add_watch(const Watch& watch) {
    const std::lock_guard lock(mutex_);
    translated("store a watch", [&] {
        *sql_ << "insert or ignore into watch (job, config_path, channel, config_text)"
                 " values (:a, :b, :c, :d)",
            soci::use(watch.job), soci::use(watch.to.config_path), soci::use(watch.to.channel),
            soci::use(watch.config_text);
    });
}

std::vector<Watch> SqliteOutbox::watches(const std::string& job) {
    const std::lock_guard lock(mutex_);
    return translated("read watches", [&] {
        const soci::rowset<soci::row> rows =
            (sql_->prepare << "select config_path, channel, config_text from watch"
                              " where job = :job order by config_path, channel",
             soci::use(job));
        std::vector<Watch> all;
        for (const auto& row : rows) {
            all.push_back(
                {job, {row.get<std::string>(0), row.get<std::string>(1)}, row.get<std::string>(2)});
        }
        return all;
    });
}

} // namespace lab::adapters
