-- plugins/lib/timex_days.lua: the interval of days that a form means, by publication date and by what was told before.
local days = {}

local PLANS = {
  ["六"] = 1981, ["七"] = 1986, ["八"] = 1991, ["九"] = 1996, ["一"] = 2006, ["二"] = 2011, ["三"] = 2016, ["四"] = 2021, ["五"] = 2026,
}

local function last_of(y, m) return host.date(y, m + 1, 0) end
local function months_of(y, first, last) return host.date(y, first, 1), last_of(y, last) end
local function one(day) return day, day end

--- The year that 今年 means. A piece of early January that mostly speaks of the year before reports that year, unless it is a
--- day's news or calls that year 去年.
function days.writing_year(a)
  if not a.date then return nil end
  local y, m, d = host.ymd(a.date)
  if m == 1 and d <= 15 and not a.text:find("去年", 1, true) and not a.text:find("今天", 1, true) then
    local _, before = a.text:gsub(("%d年"):format(y - 1), "")
    local _, own = a.text:gsub(("%d年"):format(y), "")
    if before > own then return y - 1 end
  end
  return y
end

--- Days since Monday (Sakamoto's method).
local function weekday(y, m, d)
  local shift = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 }
  if m < 3 then y = y - 1 end
  return (y + y // 4 - y // 100 + y // 400 + shift[m] + d + 6) % 7
end

--- Days since 1970 of a date, to compare distances.
local function number(date)
  local y, m, d = host.ymd(date)
  if m <= 2 then y, m = y - 1, m + 12 end
  return 365 * y + y // 4 - y // 100 + y // 400 + (153 * m - 457) // 5 + d
end

--- A third of a month: days 1-10, 11-20, the rest.
local function third_of(y, m, third)
  local first = (third - 1) * 10 + 1
  return host.date(y, m, first), third == 3 and last_of(y, m) or host.date(y, m, first + 9)
end

--- An interval within year `y` by month, third, day, half, quarter, edge.
local function within(y, f)
  if f.period then return months_of(y, f.period[1], f.period[2]) end
  if f.month and f.third then return third_of(y, f.month, f.third) end
  if f.month and f.day then return one(host.date(y, f.month, f.day)) end
  if f.month then return months_of(y, f.month, f.month) end
  return host.date(y, 1, 1), host.date(y, 12, 31)
end

local function by_plan(f)
  local first = PLANS[f.plan]
  if f.edge == "末" then return host.date(first + 4, 1, 1), host.date(first + 4, 12, 31) end
  if f.edge == "初" then return host.date(first, 1, 1), host.date(first, 12, 31) end
  return host.date(first, 1, 1), host.date(first + 4, 12, 31)
end

local function by_century(f)
  local first = 1900
  if f.century then first = (f.century - 1) * 100 end
  if f.decade then return host.date(first + f.decade, 1, 1), host.date(first + f.decade + 9, 12, 31) end
  if f.part == "中叶" then return host.date(first + 50, 1, 1), host.date(first + 50, 12, 31) end
  if f.part == "初" then return host.date(first, 1, 1), host.date(first + 9, 12, 31) end
  if f.part == "末" then return host.date(first + 90, 1, 1), host.date(first + 99, 12, 31) end
  return host.date(first, 1, 1), host.date(first + 99, 12, 31)
end

local function by_week(f, y, m, d)
  local monday = d - weekday(y, m, d) + 7 * f.week_shift
  if f.weekday == 7 then return host.date(y, m, monday + 5), host.date(y, m, monday + 6) end
  if f.weekday then return one(host.date(y, m, monday + f.weekday)) end
  return host.date(y, m, monday), host.date(y, m, monday + 6)
end

--- 今天, 上月5日, 本周, 近三年: counted from publication; 当月 from the month told before.
local function by_shift(f, date, told)
  local y, m, d = host.ymd(date)
  if f.shift then return one(host.date(y, m, d + f.shift)) end
  if f.back then return host.date(y - f.back, m, d), date end
  if f.week_shift then return by_week(f, y, m, d) end
  m = m + f.month_shift
  if f.current and told.month then y, m = told.month_year or y, told.month end
  if m < 1 then y, m = y - 1, m + 12 elseif m > 12 then y, m = y + 1, m - 12 end
  if f.day then return one(host.date(y, m, f.day)) end
  if f.third then return third_of(y, m, f.third) end
  return months_of(y, m, m)
end

--- Year and month of a day told without its year, or without month too: the one nearest to publication.
local function nearest(f, date)
  local y, m = host.ymd(date)
  local best, distance
  for shift = f.month and -12 or -1, f.month and 12 or 1, f.month and 12 or 1 do
    local month = (f.month or m) + shift
    local year = y + (month - 1) // 12
    local day = host.date(year, (month - 1) % 12 + 1, f.day)
    if day and select(3, host.ymd(day)) == f.day then
      local far = math.abs(number(day) - number(date))
      if not best or far < distance then best, distance = { year, (month - 1) % 12 + 1 }, far end
    end
  end
  if not best then return nil end
  return best[1], best[2]
end

--- Months and quarters told without a year are past ones, unless they begin within a month or so of publication.
local function past_year(f, year, date)
  local y, m = host.ymd(date)
  if year ~= y then return year end
  local first = f.month or f.period and f.period[1]
  local last = f.month or f.period and f.period[2]
  if not first or f.period and (first == last or first == 7 and last == 12 or first == 1 and last == 6) then return year end
  return (f.period and last > m + 1 or f.month and first > m + 5) and year - 1 or year
end

--- The year a form is of: its own, that of 今年 and its like, the one told before in the sentence, or the writing year.
local function year_of(f, date, year, told)
  if f.year then return f.year end
  if f.relative then return year and year + f.relative end
  if told.year and not f.at_publication then return told.year end
  return year and (f.day and year or past_year(f, year, date))
end

--- The same days a year before what was told, or the whole year before.
local function same_period(year, told)
  if not year then return nil end
  if not (told.from and told.to) then return host.date(year - 1, 1, 1), host.date(year - 1, 12, 31) end
  local y1, m1, d1 = host.ymd(told.from)
  local y2, m2, d2 = host.ymd(told.to)
  if d2 == 29 and m2 == 2 then d2 = 28 end
  local to = host.date(y2 - 1, m2, d2)
  if d2 >= 28 and m2 == 2 then to = last_of(y2 - 1, 2) end
  return host.date(y1 - 1, m1, d1), to
end

local function day_range(f, y, from)
  local u = f["until"]
  local month, year = u.month or f.month, u.year or y
  if not u.year and f.month and u.month and u.month < f.month then year = y + 1 end
  if not u.day then return from, last_of(year, month) end
  return from, host.date(year, month, u.day)
end

--- The interval a form means: from, to; nil where it hangs on a publication date that is not known. `told`: the year, month
--- and interval named before in the sentence.
function days.of(f, date, year, told)
  if f.plan then
    local from, to = by_plan(f)
    if f.since then to = date end
    return from, to
  end
  if f.century or f.decade then
    local from, to = by_century(f)
    if f.since then to = date end
    return from, to
  end
  if f.now then return date, date end
  if f.same then return same_period(year, told) end
  if f.shift or f.month_shift or f.week_shift or f.back then
    if not date then return nil end
    local from, to = by_shift(f, date, told)
    if f.as_of then from = to end
    return from, to
  end
  if f.day and not f.month then
    if told.month and told.day then
      f.month = told.month
      f.year = f.year or told.month_year
    end
  end
  local y = year_of(f, date, year, told)
  if f.day and not f.year and not f.relative and (not told.year or f.at_publication or not f.month) then
    if not date then return nil end
    y, f.month = nearest(f, date)
    if not y then return nil end
  end
  if not y then return nil end
  local from, to = within(y, f)
  if f.year2 then to = host.date(f.year2, 12, 31) end
  if f["until"] then from, to = day_range(f, y, from) end
  if f.since then
    to = date
  elseif f.as_of then
    from = to
  end
  return from, to
end

return days
