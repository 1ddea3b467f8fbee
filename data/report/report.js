// report.js - the page behind compare.html. It reads the JSON in #data, draws every figure as a table (and as a chart where
// ECharts is in the file), and opens the sentences behind a number. Text from articles reaches the page as text nodes only.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);

  const asList = (x) => (Array.isArray(x) ? x : []); // an empty Lua table is written as {}
  for (const key of ["regions", "articles", "words", "notes"]) data[key] = asList(data[key]);

  // Rows come as lists; in the columns named `coded` stands a number into data.words, -1 for none, or a list of such numbers.
  function rowsOf(part, kind) {
    const coded = new Set(asList(part?.coded));
    const word = (n) => Array.isArray(n) ? n.map(word) : n < 0 ? null : data.words[n];
    return asList(part?.rows).map((row) => {
      const x = {};
      part.columns.forEach((name, i) => { x[name] = coded.has(name) ? word(row[i]) : row[i] === false ? null : row[i]; });
      if (kind) x.id = `${kind}:${x.id}`;
      return x;
    });
  }
  data.sentences = rowsOf(data.sentences);
  data.figures = rowsOf(data.figures, "metric");
  data.programmes = rowsOf(data.programmes, "programme");
  data.rankings = rowsOf(data.rankings, "ranking");
  data.policy = rowsOf(data.policy, "policy").flatMap((x) => x.g.flatMap((g) => x.n.map((n) => ({ ...x, g, n }))));

  const WORDS = {
    en: {
      skip: "Skip to content", other_lang: "中文", theme: "Light / dark", print: "Print", nav: "Sections", filters: "Filters",
      regions: "Regions", find_region: "Find a region", indicator: "Indicator", from: "From", to: "To", search: "Search",
      search_hint: "a word in a sentence, subject or name", reset: "Reset", close: "Close", all: "all", none: "nothing fits the filters",
      overview: "Overview", figures: "Figures", policy: "Policy", between: "Two regions", programmes: "Programmes", rankings: "Rankings",
      timeline: "Timeline", evidence: "Sentences found", articles: "Articles", sentences: "Sentences", acts: "Policy acts",
      region: "Region", code: "Code", first: "First date", last: "Last date", value: "Value", unit: "Unit", period: "Period",
      counts: "What is counted", aspect: "Aspect", record: "Record", stage: "Stage", instrument: "Instrument", side: "Side", type: "Type",
      names: "Names", rank: "Rank", scope: "Scope", streak: "Years in a row", claim: "Claim", date: "Date", source: "Source",
      title: "Title", total: "Total", share: "Share", more: "Show more", of: "of", no_charts: "This report was made without charts; every table is complete.",
      as_table: "The same as a table", like: "Only figures of the same indicator, unit and aspect stand together; periods are shown, never merged.",
      conflict: "More than one value for a region and period: all are listed.", lone: "Reported by one region only: nothing to compare with",
      only: "Only in", both: "In both", choose: "Choose two regions", cell: "Sentences per stage and instrument",
      small: "Shares of the four stages, region by region", open: "open the sentences", page: "Article",
      other: "Figures of no listed indicator are left out of comparison", file: "File", explain: "In the terminal",
      made: "Made by talenthost on", log: "logarithmic scale", everything: "all indicators", within: "figures", no_region: "(no region)", undated: "no date", left_out: "This sentence was left out to keep the file small; the command below shows it.",
    },
    zh: {
      skip: "跳到正文", other_lang: "English", theme: "浅色/深色", print: "打印", nav: "目录", filters: "筛选",
      regions: "地区", find_region: "查找地区", indicator: "指标", from: "起", to: "止", search: "搜索",
      search_hint: "句子、对象或名称中的词", reset: "重置", close: "关闭", all: "全部", none: "没有符合筛选条件的内容",
      overview: "概览", figures: "数据", policy: "政策", between: "两地对照", programmes: "项目与品牌", rankings: "排名",
      timeline: "时间线", evidence: "检索到的句子", articles: "文章", sentences: "句子", acts: "政策举措",
      region: "地区", code: "代码", first: "最早日期", last: "最晚日期", value: "数值", unit: "单位", period: "时期",
      counts: "统计对象", aspect: "口径", record: "记录", stage: "环节", instrument: "工具", side: "类别", type: "类型",
      names: "名称", rank: "名次", scope: "范围", streak: "连续年数", claim: "表述", date: "日期", source: "来源",
      title: "标题", total: "合计", share: "占比", more: "显示更多", of: "共", no_charts: "本报告未含图表，表格完整。",
      as_table: "同一内容的表格", like: "只有指标、单位、口径都相同的数据才放在一起；时期照列，不合并。",
      conflict: "同一地区同一时期有多个数值：全部列出。", lone: "只有一个地区报告，无从比较",
      only: "仅见于", both: "两地都有", choose: "选择两个地区", cell: "各环节、各工具的句子数",
      small: "各地区四个环节的占比", open: "查看原句", page: "文章",
      other: "未归入指标的数据不参与比较", file: "文件", explain: "在终端中",
      made: "由 talenthost 生成于", log: "对数刻度", everything: "全部指标", within: "个数据", no_region: "（未识别地区）", undated: "无日期", left_out: "为控制文件大小未收入此句；用下面的命令查看。",
    },
  };
  const SIGNS = { exact: "", over: ">", under: "<", about: "≈", at_least: "≥", at_most: "≤" };
  const PAGE = 60, RADARS = 12, LOG_FROM = 1000;
  const FONT = getComputedStyle(document.body).fontFamily;
  const state = { lang: data.lang === "zh" ? "zh" : "en", regions: new Set(), indicator: "", from: "", to: "", search: "", pair: [] };
  const charts = [];
  const $ = (id) => document.getElementById(id);

  // ---- words ----
  const t = (key) => WORDS[state.lang][key] ?? key;
  const label = (kind, code) => data.labels?.[kind]?.[code]?.[state.lang] ?? code;
  const regionName = (r) => data.regions[r]?.name || t("no_region");
  const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
  const amount = (f) => [SIGNS[f.c] ?? "", number.format(f.v) + (f.m != null && f.m !== f.v ? "–" + number.format(f.m) : "")].join(" ").trim();
  const period = (f) => f.p || (f.f ? (f.f === f.o ? f.f : `${f.f}/${f.o ?? ""}`) : "");

  // ---- elements ----
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value == null || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style") node.style.cssText = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((c) => c != null));
    return node;
  }
  const section = (id, ...children) => el("section", { id, "aria-labelledby": id + "-h" }, el("h2", { id: id + "-h" }, t(id)), ...children);
  const note = (text) => el("p", { class: "note" }, text);

  /** A table that shows its rows by pages. `columns`: {name, n?: right-aligned}; `rows`: lists of texts, nodes or {node, attributes}. */
  function table(caption, columns, rows, attributes) {
    const body = el("tbody");
    const add = (from, to) => rows.slice(from, to).forEach((row) =>
      body.append(el("tr", null, ...row.map((cell, i) => {
        const given = cell?.cell !== undefined ? cell : { cell };
        const kind = i === 0 ? "th" : "td";
        return el(kind, { class: columns[i].n ? "n" : null, scope: i === 0 ? "row" : null, ...given.attributes }, given.cell ?? "");
      }))));
    const limit = Math.min(PAGE, rows.length);
    add(0, limit);
    const whole = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      el("table", attributes, el("caption", null, caption),
        el("thead", null, el("tr", null, ...columns.map((c) => el("th", { class: c.n ? "n" : null, scope: "col" }, c.name)))), body));
    if (rows.length <= limit) return whole;
    let shown = limit;
    const more = el("button", { type: "button", class: "more", onclick: () => {
      add(shown, shown += 10 * PAGE);
      if (shown >= rows.length) more.remove();
      else more.textContent = `${t("more")} (${shown} ${t("of")} ${rows.length})`;
    } }, `${t("more")} (${shown} ${t("of")} ${rows.length})`);
    whole.fill = () => { add(shown, rows.length); shown = rows.length; more.remove(); };
    return el("div", { class: "paged" }, whole, more);
  }

  // ---- filters ----
  const wanted = (r) => state.regions.size === 0 || state.regions.has(r);
  const holds = (...texts) => !state.search || texts.some((x) => x && x.toLowerCase().includes(state.search));
  const sentence = (x) => data.sentences[x.e]?.t || ""; // 0 where it was left out
  function timely(from, to, article) {
    if (!state.from && !state.to) return true;
    const start = from ?? to ?? article?.date, stop = to ?? from ?? article?.date;
    return !!start && (!state.to || start <= state.to) && (!state.from || stop >= state.from);
  }
  const articleOf = (x) => data.articles[data.sentences[x.e]?.a];
  const keepFigure = (f) => wanted(f.r) && (!state.indicator || f.i === state.indicator) && timely(f.f, f.o, articleOf(f)) && holds(f.s, sentence(f));
  const keepAct = (x) => wanted(x.r) && timely(null, null, articleOf(x)) && holds(x.t, x.c, sentence(x));

  // ---- evidence ----
  function marked(x) {
    const text = sentence(x);
    if (!text) return el("p", { class: "note" }, t("left_out"));
    if (x.b == null || x.z <= x.b) return el("p", null, text);
    const chars = Array.from(text);
    return el("p", null, chars.slice(0, x.b).join(""), el("mark", null, chars.slice(x.b, x.z).join("")), chars.slice(x.z).join(""));
  }
  function item(x) {
    const a = articleOf(x) ?? {};
    const web = /^https?:\/\//i.test(a.url ?? "");
    const about = [a.source, a.date || t("undated"), regionName(x.r)].filter(Boolean).join(" · ");
    return el("div", { class: "item", "data-record": x.id }, marked(x),
      el("div", { class: "note" }, web ? el("a", { href: a.url, rel: "noopener noreferrer", target: "_blank" }, a.title || a.url) : a.title || a.path || "", " · " + about),
      el("div", { class: "note" }, `${t("file")}: ${a.path ?? ""} · `, x.id ? el("code", null, "talenthost explain " + x.id) : ""));
  }
  function show(title, list) {
    const body = $("drawer-body");
    let shown = 0;
    const more = el("button", { type: "button", class: "more", onclick: next });
    function next() {
      more.remove();
      list.slice(shown, shown + PAGE).forEach((x) => body.append(item(x)));
      shown += PAGE;
      if (shown < list.length) {
        more.textContent = `${t("more")} (${shown} ${t("of")} ${list.length})`;
        body.append(more);
      }
    }
    $("drawer-title").textContent = `${title} (${list.length})`;
    body.replaceChildren();
    next();
    $("drawer").showModal();
    $("drawer-title").focus();
    $("drawer").scrollTop = 0;
  }
  const opener = (kind, text, title, list) => el("button", {
    type: "button", class: kind, "data-record": list.length === 1 ? list[0].id : null, "data-count": list.length,
    "aria-label": `${text}: ${t("open")}`, onclick: () => show(title, list),
  }, text);

  // ---- charts ----
  const dark = () => document.documentElement.dataset.theme === "dark";
  function chart(height, description, option, onclick) {
    if (!globalThis.echarts) return null;
    const box = el("div", { class: "chart", style: `height:${height}px`, role: "img", "aria-label": description });
    charts.push({ box, option, onclick });
    return box;
  }
  function draw() {
    for (const c of charts) {
      if (c.live || !c.box.isConnected) continue;
      c.live = echarts.init(c.box, dark() ? "dark" : null, { renderer: "svg" });
      c.live.setOption({ backgroundColor: "transparent", animation: false, textStyle: { fontFamily: FONT }, ...c.option });
      if (c.onclick) c.live.on("click", c.onclick);
    }
  }
  function behind(view, whole) {
    if (!view) return whole;
    return el("div", null, view, el("details", null, el("summary", null, t("as_table")), whole));
  }

  // ---- sections ----
  function groupBy(list, key) {
    const groups = new Map();
    for (const x of list) {
      const k = key(x);
      if (!groups.has(k)) groups.set(k, []);
      groups.get(k).push(x);
    }
    return groups;
  }

  function overview(figures, acts) {
    const regions = data.regions.map((r, i) => ({ ...r, i })).filter((r) => wanted(r.i));
    const sum = (name) => regions.reduce((n, r) => n + (r[name] ?? 0), 0);
    const card = (name, value) => el("div", { class: "card" }, el("b", null, number.format(value)), t(name));
    const figureCount = groupBy(figures, (f) => f.r), actCount = groupBy(acts, (p) => p.r);
    return section("overview",
      el("div", { class: "cards" }, card("regions", regions.length), card("articles", sum("articles")), card("sentences", sum("sentences")),
        card("figures", figures.length), card("acts", new Set(acts.map((p) => p.e)).size)),
      ...data.notes.map((n) => note(n[state.lang] ?? n.en)), globalThis.echarts ? null : note(t("no_charts")),
      table(t("regions"), [{ name: t("region") }, { name: t("code") }, { name: t("articles"), n: 1 }, { name: t("sentences"), n: 1 }, { name: t("figures"), n: 1 },
        { name: t("acts"), n: 1 }, { name: t("first") }, { name: t("last") }],
        regions.map((r) => [r.name || t("no_region"), r.code ?? "", String(r.articles), String(r.sentences), String(figureCount.get(r.i)?.length ?? 0),
          String(new Set((actCount.get(r.i) ?? []).map((p) => p.e)).size), r.first ?? "", r.last ?? ""])));
  }

  const groupTitle = (f) => `${label("indicator", f.i)} · ${label("aspect", f.a)} · ${f.u}`;
  function figureRows(list) {
    return list.map((f) => [regionName(f.r), { cell: opener("num", amount(f), groupTitle(f), [f]) }, f.u, period(f), f.s ?? "", f.id]);
  }
  function bars(list, title) {
    const rows = [...list].sort((a, b) => a.v - b.v).slice(-30);
    const names = rows.map((f) => [regionName(f.r), period(f)].filter(Boolean).join(" · "));
    // A few giants would leave the others no length: beyond this ratio the axis is logarithmic, and says so.
    const log = rows.every((f) => f.v > 0) && rows.at(-1).v / rows[0].v > LOG_FROM;
    return chart(60 + 24 * rows.length, title, {
      aria: { enabled: true }, grid: { left: 12, right: 110, top: 8, bottom: log ? 30 : 8, containLabel: true },
      tooltip: { formatter: (p) => echarts.format.encodeHTML(`${names[p.dataIndex]}: ${amount(rows[p.dataIndex])} ${rows[p.dataIndex].u}`) },
      xAxis: { type: log ? "log" : "value", name: log ? t("log") : "", nameLocation: "middle", nameGap: 24, axisLabel: { formatter: (v) => number.format(v), hideOverlap: true } },
      yAxis: { type: "category", data: names.map((n, i) => `${i}`), axisLabel: { formatter: (i) => names[i], width: Math.min(180, innerWidth / 3), overflow: "truncate" } },
      series: [{ type: "bar", barMaxWidth: 18, data: rows.map((f) => f.v), itemStyle: { color: dark() ? "#7db8f5" : "#0b5cad" },
        label: { show: true, position: "right", color: dark() ? "#e7ebf2" : "#1b2330", formatter: (p) => amount(rows[p.dataIndex]) } }],
    }, (p) => show(title, [rows[p.dataIndex]]));
  }
  function figures(list) {
    const known = list.filter((f) => f.i !== "other");
    const groups = [...groupBy(known, (f) => `${f.i}\0${f.u}\0${f.a}`).values()];
    const reach = (g) => new Set(g.map((f) => f.r)).size;
    const compared = groups.filter((g) => reach(g) > 1 || state.regions.size === 1).sort((a, b) => reach(b) - reach(a) || b.length - a.length);
    const lone = groups.filter((g) => !compared.includes(g)).flat();
    const columns = [{ name: t("region") }, { name: t("value"), n: 1 }, { name: t("unit") }, { name: t("period") }, { name: t("counts") }, { name: t("record") }];
    const shown = state.indicator ? compared : compared.slice(0, 12);
    const parts = shown.map((group) => {
      const title = groupTitle(group[0]);
      const rows = [...group].sort((a, b) => b.v - a.v);
      const doubled = [...groupBy(group, (f) => `${f.r}\0${period(f)}`).values()].some((g) => new Set(g.map((f) => f.v)).size > 1);
      return el("div", null, el("h3", null, title), doubled ? note(t("conflict")) : null, behind(bars(group, title), table(title, columns, figureRows(rows))));
    });
    if (!known.length) parts.push(note(t("none")));
    if (shown.length < compared.length) {
      const rest = compared.slice(12).flat();
      parts.push(el("details", null, el("summary", null, `${t("everything")}: ${rest.length} ${t("within")}`),
        table(t("figures"), [{ name: t("indicator") }, ...columns], rest.map((f) => [groupTitle(f), ...figureRows([f])[0]]))));
    }
    if (lone.length)
      parts.push(el("details", null, el("summary", null, `${t("lone")}: ${lone.length} ${t("within")}`),
        table(t("lone"), [{ name: t("indicator") }, ...columns], lone.map((f) => [groupTitle(f), ...figureRows([f])[0]]))));
    const other = list.length - known.length;
    return section("figures", note(t("like")), ...parts, other ? note(`${t("other")}: ${other}`) : null);
  }

  const distinct = (list) => [...groupBy(list, (p) => p.e).values()].map((g) => g[0]);
  function heat(list, title) {
    const stages = data.order.stage, instruments = data.order.instrument;
    const cells = groupBy(list, (p) => `${p.g}\0${p.n}`);
    const at = (g, n) => distinct(cells.get(`${g}\0${n}`) ?? []);
    let most = 1;
    for (const g of stages) for (const n of instruments) most = Math.max(most, at(g, n).length);
    const points = stages.flatMap((g, y) => instruments.map((n, x) => [x, y, at(g, n).length]));
    const open = (g, n) => show(`${title}: ${label("stage", g)} × ${label("instrument", n)}`, at(g, n));
    const view = chart(280, title, {
      aria: { enabled: true }, grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true }, tooltip: {
        formatter: (p) => echarts.format.encodeHTML(`${label("stage", stages[p.value[1]])} × ${label("instrument", instruments[p.value[0]])}: ${p.value[2]}`) },
      xAxis: { type: "category", data: instruments.map((n) => label("instrument", n)), axisLabel: { rotate: 35, interval: 0 } },
      yAxis: { type: "category", inverse: true, data: stages.map((g) => label("stage", g)) },
      visualMap: { show: false, min: 0, max: most, inRange: { color: dark() ? ["#1d232d", "#7db8f5"] : ["#f5f6f8", "#0b5cad"] } },
      series: [{ type: "heatmap", data: points, label: { show: true, formatter: (p) => p.value[2] || "" } }],
    }, (p) => p.value[2] && open(stages[p.value[1]], instruments[p.value[0]]));
    const line = (name, of) => {
      const found = instruments.map(of);
      return [name, ...found.map((x) => ({ cell: x.length ? opener("num", String(x.length), `${title}: ${name}`, x) : "", attributes: { class: "n heat", style: `--share:${x.length / most}` } })), ""];
    };
    const rows = stages.map((g) => {
      const row = line(label("stage", g), (n) => at(g, n));
      const all = distinct(list.filter((p) => p.g === g));
      row[row.length - 1] = { cell: all.length ? opener("num", String(all.length), `${title}: ${label("stage", g)}`, all) : "0" };
      return row;
    });
    const sums = instruments.map((n) => distinct(list.filter((p) => p.n === n)));
    const whole = distinct(list);
    rows.push([t("total"), ...sums.map((x, i) => x.length ? opener("num", String(x.length), label("instrument", instruments[i]), x) : ""),
      whole.length ? opener("num", String(whole.length), title, whole) : "0"]);
    return behind(view, table(title, [{ name: t("stage") }, ...instruments.map((n) => ({ name: label("instrument", n), n: 1 })), { name: t("total"), n: 1 }], rows));
  }
  function radars(list) {
    if (!globalThis.echarts) return null;
    const stages = data.order.stage;
    const by = [...groupBy(list, (p) => p.r)].map(([r, acts]) => ({ r, counts: stages.map((g) => distinct(acts.filter((p) => p.g === g)).length) }))
      .sort((a, b) => b.counts.reduce((x, y) => x + y, 0) - a.counts.reduce((x, y) => x + y, 0)).slice(0, RADARS);
    const most = Math.max(...by.flatMap(({ counts }) => counts.map((c) => 100 * c / (counts.reduce((x, y) => x + y, 0) || 1))));
    return el("div", { class: "grid" }, ...by.map(({ r, counts }) => {
      const sum = counts.reduce((x, y) => x + y, 0) || 1;
      const shares = counts.map((c) => Math.round(1000 * c / sum) / 10);
      return el("div", null, el("h4", null, regionName(r)), chart(190, `${regionName(r)}: ${stages.map((g, i) => `${label("stage", g)} ${shares[i]} %`).join(", ")}`, {
        radar: { radius: "62%", center: ["50%", "50%"], axisNameGap: 6, indicator: stages.map((g, i) => ({ name: `${label("stage", g)} ${shares[i]}%`, max: most })) },
        series: [{ type: "radar", symbolSize: 4, data: [{ value: shares, areaStyle: { opacity: 0.25 } }] }],
      }, () => show(regionName(r), distinct(list.filter((p) => p.r === r)))));
    }));
  }
  function policy(list) {
    if (!list.length) return section("policy", note(t("none")));
    const stages = data.order.stage;
    const instruments = data.order.instrument;
    const regions = [...groupBy(list, (p) => p.r)].sort((a, b) => b[1].length - a[1].length);
    const columns = (codes, kind) => [{ name: t("region") }, ...codes.map((c) => ({ name: label(kind, c), n: 1 })), { name: t("total"), n: 1 }];
    const rows = (codes, kind, field) => regions.map(([r, acts]) => {
      const all = distinct(acts);
      return [regionName(r), ...codes.map((c) => {
        const found = distinct(acts.filter((p) => p[field] === c));
        return { cell: found.length ? opener("num", String(found.length), `${regionName(r)}: ${label(kind, c)}`, found) : "",
          attributes: { class: "n heat", title: `${Math.round(100 * found.length / all.length)} %`, style: `--share:${found.length / all.length}` } };
      }), opener("num", String(all.length), regionName(r), all)];
    });
    return section("policy", note(t("cell")), heat(list, t("policy")), el("h3", null, t("small")), radars(list),
      table(t("stage"), columns(stages, "stage"), rows(stages, "stage", "g")),
      table(t("instrument"), columns(instruments, "instrument"), rows(instruments, "instrument", "n")));
  }

  function between(list) {
    const by = groupBy(list, (p) => p.r);
    const regions = [...by.keys()].sort((a, b) => by.get(b).length - by.get(a).length);
    if (regions.length < 2) return null;
    const pick = (i) => regions.includes(state.pair[i]) ? state.pair[i] : regions[i];
    const [a, b] = [pick(0), pick(1)];
    const choice = (i, chosen) => el("select", { "aria-label": `${t("region")} ${i + 1}`, id: `pair-${i}`, onchange: (e) => {
      state.pair = [a, b];
      state.pair[i] = Number(e.target.value);
      refresh(`pair-${i}`);
    } }, ...regions.map((r) => el("option", { value: r, selected: r === chosen }, regionName(r))));
    const used = (r) => new Set(by.get(r).map((p) => p.n));
    const [mine, theirs] = [used(a), used(b)];
    const names = (codes, r) => codes.length ? el("ul", null, ...codes.map((n) => {
      const found = distinct(by.get(r).filter((p) => p.n === n));
      return el("li", null, opener("word", `${label("instrument", n)} (${found.length})`, `${regionName(r)}: ${label("instrument", n)}`, found));
    })) : note("—");
    const pickFrom = (test) => data.order.instrument.filter(test);
    return section("between", el("p", null, t("choose") + ": ", choice(0, a), " ", choice(1, b)),
      el("div", { class: "pair" },
        el("div", null, el("h3", null, `${t("only")} ${regionName(a)}`), names(pickFrom((n) => mine.has(n) && !theirs.has(n)), a)),
        el("div", null, el("h3", null, t("both")), names(pickFrom((n) => mine.has(n) && theirs.has(n)), a)),
        el("div", null, el("h3", null, `${t("only")} ${regionName(b)}`), names(pickFrom((n) => theirs.has(n) && !mine.has(n)), b))));
  }

  function timeline(list) {
    const dated = list.filter((f) => f.i !== "other" && (f.o || f.f));
    if (!dated.length) return section("timeline", note(t("none")));
    const groups = [...groupBy(dated, (f) => `${f.i}\0${f.u}\0${f.a}`).values()]
      .sort((a, b) => new Set(b.map((f) => f.o ?? f.f)).size - new Set(a.map((f) => f.o ?? f.f)).size || b.length - a.length).slice(0, state.indicator ? 6 : 3);
    return section("timeline", ...groups.map((group) => {
      const title = groupTitle(group[0]);
      const rows = [...group].sort((a, b) => (a.o ?? a.f) < (b.o ?? b.f) ? -1 : 1);
      const series = [...groupBy(rows, (f) => f.r)].slice(0, 20);
      const view = chart(260, title, {
        aria: { enabled: true }, grid: { left: 8, right: 30, top: 40, bottom: 8, containLabel: true }, legend: { type: "scroll", top: 0, bottom: "auto", textStyle: { color: dark() ? "#e7ebf2" : "#1b2330" } },
        tooltip: { formatter: (p) => echarts.format.encodeHTML(`${p.seriesName} ${p.data.f.o ?? p.data.f.f}: ${amount(p.data.f)} ${p.data.f.u}`) },
        xAxis: { type: "time" }, yAxis: { type: "value", axisLabel: { formatter: (v) => number.format(v) } },
        series: series.map(([r, points]) => ({ type: "scatter", name: regionName(r), symbolSize: 10, data: points.map((f) => ({ value: [f.o ?? f.f, f.v], f })) })),
      }, (p) => show(title, [p.data.f]));
      return el("div", null, el("h3", null, title), behind(view, table(title, [{ name: t("date") }, { name: t("region") }, { name: t("value"), n: 1 }, { name: t("unit") }, { name: t("period") }, { name: t("record") }],
        rows.map((f) => [f.o ?? f.f, regionName(f.r), opener("num", amount(f), title, [f]), f.u, period(f), f.id]))));
    }));
  }

  function programmes(list) {
    const rows = [...groupBy(list, (p) => `${p.r}\0${p.k}`).values()].sort((a, b) => a[0].r - b[0].r || (a[0].k < b[0].k ? -1 : 1)).map((group) => [
      regionName(group[0].r), label("type", group[0].k),
      el("span", null, ...[...groupBy(group, (p) => p.t)].map(([name, found]) => opener("word", found.length > 1 ? `${name} ×${found.length}` : name, name, found)))]);
    return section("programmes", rows.length ? table(t("programmes"), [{ name: t("region") }, { name: t("type") }, { name: t("names") }], rows) : note(t("none")));
  }
  function rankings(list) {
    const rows = [...list].sort((a, b) => a.r - b.r || a.rank - b.rank).map((x) => [regionName(x.r), opener("word", x.t, t("rankings"), [x]), x.rank == null ? "" : String(x.rank), x.scope ?? "", x.streak == null ? "" : String(x.streak)]);
    return section("rankings", rows.length ? table(t("rankings"), [{ name: t("region") }, { name: t("claim") }, { name: t("rank"), n: 1 }, { name: t("scope") }, { name: t("streak"), n: 1 }], rows) : note(t("none")));
  }
  function articles() {
    const rows = data.articles.filter((a) => wanted(a.region) && timely(null, null, a) && holds(a.title, a.source)).map((a) => [
      /^https?:\/\//i.test(a.url ?? "") ? el("a", { href: a.url, rel: "noopener noreferrer", target: "_blank" }, a.title || a.path) : a.title || a.path, regionName(a.region), a.date ?? "", a.source ?? "", a.path]);
    return section("articles", rows.length ? table(t("articles"), [{ name: t("title") }, { name: t("region") }, { name: t("date") }, { name: t("source") }, { name: t("file") }], rows) : note(t("none")));
  }
  /** Sentences that hold the search word; only when one is given. */
  function found(all) {
    if (!state.search) return null;
    const seen = new Set();
    const hits = all.filter((x) => sentence(x).toLowerCase().includes(state.search) && !seen.has(x.e) && seen.add(x.e));
    const rows = hits.map((x) => {
      const text = sentence(x), i = text.toLowerCase().indexOf(state.search);
      const b = Array.from(text.slice(0, i)).length;
      return [regionName(x.r), marked({ ...x, b, z: b + Array.from(state.search).length }), opener("word", articleOf(x)?.title || t("page"), t("evidence"), [x])];
    });
    return section("evidence", rows.length ? table(t("evidence"), [{ name: t("region") }, { name: t("sentences") }, { name: t("page") }], rows) : note(t("none")));
  }

  // ---- the page ----
  function words() {
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-t]").forEach((n) => { n.textContent = t(n.dataset.t); });
    document.querySelectorAll("[data-l]").forEach((n) => n.setAttribute("aria-label", t(n.dataset.l)));
    document.querySelectorAll("[data-p]").forEach((n) => n.setAttribute("placeholder", t(n.dataset.p)));
    $("title").textContent = document.title;
    $("foot").textContent = `${t("made")} ${data.generated}${data.version ? " · " + data.version : ""}`;
  }
  function choices() {
    const counts = groupBy(data.figures.filter((f) => f.i !== "other"), (f) => f.i);
    const codes = [...counts.keys()].sort((a, b) => new Set(counts.get(b).map((f) => f.r)).size - new Set(counts.get(a).map((f) => f.r)).size || counts.get(b).length - counts.get(a).length);
    $("indicator").replaceChildren(el("option", { value: "" }, t("all")), ...codes.map((c) => el("option", { value: c }, `${label("indicator", c)} (${counts.get(c).length})`)));
    $("indicator").value = state.indicator;
    const find = $("region-find").value.trim();
    $("region-list").replaceChildren(...data.regions.map((r, i) => ({ r, i })).filter(({ r }) => !find || (r.name ?? "").includes(find) || (r.code ?? "").startsWith(find)).slice(0, 400).map(({ r, i }) =>
      el("label", null, el("input", { type: "checkbox", value: i, checked: state.regions.has(i), onchange: (e) => {
        state.regions[e.target.checked ? "add" : "delete"](i);
        refresh();
      } }), " " + (r.name || t("no_region")))));
  }
  function refresh(focus) {
    const figureList = data.figures.filter(keepFigure), acts = data.policy.filter(keepAct);
    const names = data.programmes.filter(keepAct), claims = data.rankings.filter(keepAct);
    charts.splice(0).forEach((c) => c.live?.dispose());
    const parts = [overview(figureList, acts), found([...figureList, ...acts, ...names, ...claims]), figures(figureList), policy(acts), between(acts),
      timeline(figureList), programmes(names), rankings(claims), articles()].filter(Boolean);
    $("main").replaceChildren(...parts);
    $("nav").replaceChildren(...parts.map((p) => el("a", { href: "#" + p.id }, t(p.id))));
    $("region-count").textContent = state.regions.size ? `(${state.regions.size})` : `(${t("all")})`;
    $("status").textContent = `${figureList.length} ${t("within")} · ${distinct(acts).length} ${t("acts")}`;
    if (globalThis.echarts) requestAnimationFrame(draw);
    if (focus) $(focus)?.focus();
  }
  function later(act) {
    let timer = 0;
    return (e) => { clearTimeout(timer); timer = setTimeout(() => { act(e.target.value); refresh(); }, 150); };
  }

  $("lang").addEventListener("click", () => { state.lang = state.lang === "zh" ? "en" : "zh"; words(); choices(); refresh(); });
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; refresh(); });
  $("print").addEventListener("click", () => window.print());
  $("reset").addEventListener("click", () => {
    Object.assign(state, { regions: new Set(), indicator: "", from: "", to: "", search: "" });
    for (const id of ["from", "to", "search", "region-find"]) $(id).value = "";
    choices();
    refresh();
  });
  $("indicator").addEventListener("change", (e) => { state.indicator = e.target.value; refresh(); });
  $("from").addEventListener("change", (e) => { state.from = e.target.value; refresh(); });
  $("to").addEventListener("change", (e) => { state.to = e.target.value; refresh(); });
  $("search").addEventListener("input", later((text) => { state.search = text.trim().toLowerCase(); }));
  $("region-find").addEventListener("input", choices);
  $("drawer").addEventListener("click", (e) => { if (e.target === $("drawer")) $("drawer").close(); });
  window.addEventListener("resize", () => charts.forEach((c) => c.live?.resize()));
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("main details").forEach((d) => { d.open = true; });
    document.querySelectorAll(".paged > div").forEach((d) => d.fill?.());
  });
  document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  words();
  choices();
  refresh();
})();
