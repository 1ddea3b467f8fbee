"""A small PDF writer for the tests: Chinese text in a font that is not embedded, real lines on real pages.

The font is a Type 0 font with Identity-H and a ToUnicode map, as every program that writes Chinese PDFs makes them; no glyphs are
needed to take its text.
"""
import zlib

EM = 12
WIDTH, HEIGHT, MARGIN = 595, 842, 72
NO_START = "，。、；：？！”’）》】…,.;:?!)"  # what begins no line


def width(char):
    return EM / 2 if ord(char) < 0x80 else EM


def wrap(text, indent, column):
    """The text in lines no wider than the column, Latin words and numbers whole."""
    lines, line, used = [], "", indent
    at = 0
    while at < len(text):
        end = at + 1
        while text[at].isascii() and text[at].isalnum() and end < len(text) and text[end].isascii() and text[end].isalnum():
            end += 1
        piece, at = text[at:end], end
        size = sum(width(c) for c in piece)
        if used + size > column and line and piece not in NO_START:
            lines.append(line)
            line, used = "", 0
            if piece == " ":
                continue
        line += piece
        used += size
    return lines + [line] if line else lines


def pages(paragraphs, indent=2, gap=0, header=None, numbers=False):
    """Lists of (x, y, text): paragraphs one under the other over as many pages as it takes."""
    out, page, y = [], [], HEIGHT - MARGIN
    for text in paragraphs:
        for i, line in enumerate(wrap(text, indent * EM, WIDTH - 2 * MARGIN)):
            if y < MARGIN + 20:
                out.append(page)
                page, y = [], HEIGHT - MARGIN
            page.append((MARGIN + (indent * EM if i == 0 else 0), y, line))
            y -= EM * 1.6
        y -= gap
    out.append(page)
    for number, page in enumerate(out, 1):
        if header:
            page.insert(0, (MARGIN, HEIGHT - 36, header))
        if numbers:
            page.append((WIDTH / 2 - 10, 36, f"- {number} -"))
    return out


def write(laid_out, title=None):
    """The bytes of a PDF with these pages."""
    chars = sorted({c for page in laid_out for _, _, text in page for c in text})
    code = {c: i + 1 for i, c in enumerate(chars)}
    objects = [None, None]  # catalogue and pages come last

    def add(body):
        objects.append(body if isinstance(body, bytes) else body.encode())
        return len(objects)

    def stream(data, extra=""):
        packed = zlib.compress(data)
        return add(f"<< /Length {len(packed)} /Filter /FlateDecode {extra}>>\nstream\n".encode() + packed + b"\nendstream")

    pairs = [f"<{code[c]:04x}> <{c.encode('utf-16-be').hex()}>" for c in chars]
    blocks = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in
                       (pairs[i:i + 100] for i in range(0, len(pairs), 100)))
    unicode_map = stream(("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
                          "1 begincodespacerange <0000> <ffff> endcodespacerange\n" + blocks +
                          "\nendcmap CMapName currentdict /CMap defineresource pop end end").encode())
    narrow = " ".join(f"{code[c]} [500]" for c in chars if ord(c) < 0x80)
    descriptor = add("<< /Type /FontDescriptor /FontName /Test /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 "
                     "/Descent -120 /CapHeight 700 /StemV 80 >>")
    descendant = add(f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Test /CIDSystemInfo << /Registry (Adobe) /Ordering "
                     f"(Identity) /Supplement 0 >> /DW 1000 /W [{narrow}] /FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity >>")
    font = add(f"<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] "
               f"/ToUnicode {unicode_map} 0 R >>")
    kids = []
    for page in laid_out:
        text = "".join(f"BT /F {EM} Tf {x:.2f} {y:.2f} Td <{''.join(f'{code[c]:04x}' for c in line)}> Tj ET\n" for x, y, line in page)
        content = stream(text.encode())
        kids.append(add(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {content} 0 R "
                        f"/Resources << /Font << /F {font} 0 R >> >> >>"))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
