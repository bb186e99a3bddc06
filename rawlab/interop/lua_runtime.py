"""The part of a Lua dissector that is the same for every protocol: it reads as the engine does."""

RUNTIME = r"""
-- What reads fields. A state `s` is one header, or one item of a list: tvb (the header's octets),
-- start, at and stop (octets), v (values by name), p (where integers begin), tree (where to show).

local function one(truth) if truth then return 1 end return 0 end

local function divide(a, b)
  if b == 0 then error({kind = "malformed", text = "division by zero"}) end
  return math.floor(a / b)
end

local function join(a, b, keep)
  -- Bits of two numbers together; keep[n] says whether a bit stays that is set in n of them.
  local result, place = 0, 1
  while a > 0 or b > 0 do
    if keep[a % 2 + b % 2] then result = result + place end
    a, b, place = math.floor(a / 2), math.floor(b / 2), 2 * place
  end
  return result
end
local function band(a, b) return join(a, b, {[2] = true}) end
local function bor(a, b) return join(a, b, {true, true}) end
local function bxor(a, b) return join(a, b, {true}) end

local function stopped(s, o, want, got)
  local kind = "truncated"
  if s.narrowed or s.stop < s.tvb:len() then kind = "overrun" end
  error({kind = kind, text = string.format(
    "%s at octet %d: want %d, got %d", o.slot, s.at, want, got)})
end

local function wrong(s, o, kind, want, got)
  error({kind = kind, text = string.format(
    "%s at octet %d: want %s, got %s", o.slot, s.at, tostring(want), tostring(got))})
end

local function note(s, kind, text)
  s.tree:add_proto_expert_info(s.expert[kind], text)
end

local function need(s, o, octets)
  if s.at + octets > s.stop then stopped(s, o, octets, s.stop - s.at) end
end

local function raw(tvb, at, o)
  -- `width` bits, `shift` above the end of `size` octets: a number, or UInt64 beyond 32 bits.
  if o.size <= 4 then
    local range = tvb(at, o.size)
    local n = o.little and range:le_uint() or range:uint()
    return math.floor(n / 2 ^ o.shift) % 2 ^ o.width
  end
  local n = UInt64.new(0)
  for i = 0, math.min(o.size, 8) - 1 do
    local octet = o.little and o.size - 1 - i or i
    n = n:lshift(8) + UInt64.new(tvb(at + octet, 1):uint())
  end
  if o.size > 8 then
    n = n:lshift(8 - o.shift) + UInt64.new(math.floor(tvb(at + 8, 1):uint() / 2 ^ o.shift))
  else
    n = n:rshift(o.shift)
  end
  n = n:lshift(64 - o.width):rshift(64 - o.width)
  if o.width <= 32 then return n:tonumber() end
  return n
end

local function signed(n, width)
  if type(n) == "number" then
    if n >= 2 ^ (width - 1) then return n - 2 ^ width end
    return n
  end
  local high, low = n:higher(), n:lower()
  if width < 64 and high >= 2 ^ (width - 33) then high = high + 2 ^ 32 - 2 ^ (width - 32) end
  return Int64.new(low, high)
end

local function number(n)
  if type(n) == "number" then return n end
  return n:tonumber()
end

local function obey(s, o, value)
  -- Hold a value against its bounds, and narrow the end of what it is the length of.
  if o.minimum and value < o.minimum then
    if o.role then wrong(s, o, "length", o.minimum, value) end
    note(s, "value", string.format("%s: want %d, got %d", o.slot, o.minimum, value))
    if o.vital then error({}) end
  elseif o.maximum and value > o.maximum then
    note(s, "value", string.format("%s: want %d, got %d", o.slot, o.maximum, value))
    if o.vital then error({}) end
  end
  if not o.role or value == o.unless then return end
  value = value * o.factor + o.add
  if o.role == "payload" then s.payload = value return end
  if s.start + value < s.at then wrong(s, o, "length", s.at - s.start, value) end
  if o.role == "total" and not s.item then
    if s.start + value > s.limit then
      note(s, "overrun", string.format("%s: want %d, got %d", o.slot, value, s.limit - s.start))
    else
      s.limit = s.start + value
      s.stop = math.min(s.stop, s.limit)
    end
    return
  end
  if s.start + value > s.stop then
    if s.item then stopped(s, o, value, s.stop - s.start) end
    s.beyond = true
    return
  end
  s.stop, s.narrowed, s.known = s.start + value, true, true
  s.ends = s.stop
end

local function shown(s, o, range, n)
  -- Add an integer to the tree, in the form that its kind has.
  if o.form == "native" then
    return o.little and s.tree:add_le(o.field, range) or s.tree:add(o.field, range)
  elseif o.form == "ether" then
    return s.tree:add(o.field, range, Address.ether(o.text(n)))
  elseif o.form == "ipv4" then
    return s.tree:add(o.field, range, Address.ip(o.text(n)))
  elseif o.form == "uint64" and type(n) == "number" then
    return s.tree:add(o.field, range, UInt64.new(n % 2 ^ 32, math.floor(n / 2 ^ 32)))
  elseif o.form == "int64" and type(n) == "number" then
    return s.tree:add(o.field, range, Int64.new(n % 2 ^ 32, math.floor(n / 2 ^ 32) % 2 ^ 32))
  end
  return s.tree:add(o.field, range, n)
end

local function keep(s, o, at)
  local n = raw(s.tvb, at, o)
  if o.signed then n = signed(n, o.width) end
  if o.scale then n = number(n) * o.scale end
  s.v[o.slot], s.p[o.slot] = number(n), at
  if o.field then
    local range = s.tvb(at, o.size)
    local item = shown(s, o, range, n)
    for _, part in ipairs(o.parts or {}) do
      if part.masked then
        if o.little then item:add_le(part.field, range) else item:add(part.field, range) end
      else
        item:add(part.field, range, number(raw(s.tvb, at, part)))
      end
    end
  end
  return s.v[o.slot]
end

local function integer(s, o)
  need(s, o, o.need)
  local at = s.at + o.first
  s.at = s.at + o.moves
  local value = keep(s, o, at)
  if o.fraction then s.at = s.at + 1 end
  local held, why = pcall(obey, s, o, value)
  if o.fraction then s.at = s.at - 1 end
  if not held then error(why, 0) end
end

local function overlay(s, o, over)
  local at = s.p[over]
  if at then obey(s, o, keep(s, o, at + o.first)) end
end

local function octets(s, o, length)
  if length < 0 then wrong(s, o, "length", 0, length) end
  need(s, o, length)
  local range = s.tvb(s.at, length)
  if o.field and o.encoding then
    s.tree:add_packet_field(o.field, range, o.encoding)
  elseif o.field then
    s.tree:add(o.field, range)
  end
  s.at = s.at + length
end

local function pad(s, o, align)
  octets(s, o, math.min((s.start - s.at) % align, s.stop - s.at))
end

local function ended(s, o, delimiter)
  for here = s.at, s.stop - #delimiter do
    if s.tvb:raw(here, #delimiter) == delimiter then
      octets(s, o, here - s.at)
      s.at = s.at + #delimiter
      return
    end
  end
  stopped(s, o, s.stop - s.at + #delimiter, s.stop - s.at)
end

local function varint(s, o)
  need(s, o, 1)
  local size, n = 1, UInt64.new(0)
  if o.quic then
    size = 2 ^ math.floor(s.tvb(s.at, 1):uint() / 64)
    need(s, o, size)
    n = raw(s.tvb, s.at, {size = size, shift = 0, width = 8 * size - 2})
    if type(n) == "number" then n = UInt64.new(n) end
  else
    while s.tvb(s.at + size - 1, 1):uint() >= 128 do
      size = size + 1
      if size > 9 then wrong(s, o, "malformed", 9, size) end
      need(s, o, size)
    end
    for i = size - 1, 0, -1 do
      n = n:lshift(7) + UInt64.new(s.tvb(s.at + i, 1):uint() % 128)
    end
  end
  if o.field then s.tree:add(o.field, s.tvb(s.at, size), n) end
  s.v[o.slot] = n:tonumber()
  s.at = s.at + size
end

local function domain_name(s, o)
  -- RFC 1035, section 4.1.4; a pointer leads towards the message's start.
  local labels, at, limit, floor, after, length = {}, s.at, s.stop, s.at, nil, 1
  while true do
    if at >= limit then wrong(s, o, "malformed", 1, 0) end
    local octet = s.tvb(at, 1):uint()
    if octet == 0 then break end
    if octet >= 0xC0 then
      if at + 2 > limit then wrong(s, o, "malformed", 2, 1) end
      local target = (octet - 0xC0) * 256 + s.tvb(at + 1, 1):uint()
      if target >= floor then wrong(s, o, "malformed", floor, target) end
      after = after or at + 2
      at, limit, floor = target, floor, target
    else
      length = length + octet + 1
      if octet >= 0x40 or length > 255 or at + 1 + octet > limit then
        wrong(s, o, "malformed", 63, octet)
      end
      local label = s.tvb:raw(at + 1, octet):gsub("[^!-~]", function(c)
        return string.format("\\%03d", c:byte())
      end)
      labels[#labels + 1] = label
      at = at + octet + 1
    end
  end
  after = after or at + 1
  local name = table.concat(labels, ".")
  if name == "" then name = "<Root>" end
  s.tree:add(o.field, s.tvb(s.at, after - s.at), name)
  s.at = after
end

local function enter(s)
  -- The fields of a group are read: its length narrows what is left to its variant.
  local length = s.payload
  if not s.item or not length then return end
  s.payload = nil
  if length > s.stop - s.at then stopped(s, {slot = "data"}, length, s.stop - s.at) end
  s.stop, s.known, s.narrowed = s.at + length, true, true
end

local function rest(s, o)
  if s.known and s.stop > s.at then octets(s, o, s.stop - s.at) end
end

local function items(s, o, group, given, last)
  local at, stop, left = s.at, s.stop, o.single and 1 or -1
  if o.by == "count" then left = given
  elseif o.by == "end" then given = given - (at - s.start) end
  if given and given < 0 then wrong(s, o, "length", 0, given) end
  if o.by == "length" or o.by == "end" then
    if given > stop - at then stopped(s, o, given, stop - at) end
    stop = at + given
  end
  local tree = s.tree:add(o.field, s.tvb(at, 0))
  local narrowed = s.narrowed or o.by == "length" or o.by == "end"
  while left ~= 0 and (left > 0 or at < stop) do
    left = left - 1
    local item = {tvb = s.tvb, expert = s.expert, start = at, at = at, stop = stop, v = {}, p = {},
                  item = true, narrowed = narrowed, tree = tree:add(s.tvb(at, 0), o.title)}
    local held, why = pcall(group, item)
    item.tree:set_len(item.at - at)
    tree:set_len(item.at - s.at)
    if not held then error(why, 0) end
    if item.at == at then wrong(s, o, "malformed", 1, 0) end
    at = item.at
    if last and last(item) then left = 0 end
    if o.align then at = math.min(at + (s.at - at) % o.align, stop) end
  end
  tree:set_len(at - s.at)
  s.at = at
end

-- Protocols and the tables in which they follow one another.

local tables = {}     -- by name: [value] = a list of {looks, dissect}, "any" = such a list
local attached = {}   -- by such a list: the protocol that Wireshark asks
local known = {}      -- by name: Wireshark's table, or false

local function wireshark_table(name)
  if known[name] == nil then
    local found, handle = pcall(DissectorTable.get, name == "linktype" and "wtap_encap" or name)
    known[name] = found and handle or false
  end
  return known[name]
end

local ENCAPSULATIONS = {
  [0] = "NULL", [1] = "ETHERNET", [9] = "PPP", [101] = "RAW_IP", [104] = "CHDLC",
  [105] = "IEEE_802_11", [108] = "LOOP", [113] = "SLL", [127] = "IEEE_802_11_RADIOTAP",
  [228] = "RAW_IP4", [229] = "RAW_IP6", [239] = "NFLOG", [276] = "SLL2",
}
for number_of_user = 0, 15 do
  ENCAPSULATIONS[147 + number_of_user] = "USER" .. number_of_user
end
local HEURISTICS = {["udp.port"] = "udp", ["tcp.port"] = "tcp", ["sctp.port"] = "sctp",
                    ["ip.proto"] = "ip", ["ethertype"] = "eth", ["icmp.type"] = "icmp"}

local function follow(entry, protocol)
  -- Enter a protocol where it follows: on values of a table, by its looks, or on any other.
  local own = tables[entry.table] or {}
  tables[entry.table] = own
  local judge = {looks = entry.looks or function() return true end, dissect = protocol.dissect}
  table.insert(protocol.judges, judge)
  local choice = {looks = entry.looks, dissect = protocol.dissect}
  if #entry.values == 0 then
    own.any = own.any or {}
    table.insert(own.any, entry.looks and 1 or #own.any + 1, choice)
    local list = HEURISTICS[entry.table]
    if entry.looks and list then
      pcall(protocol.proto.register_heuristic, protocol.proto, list, function(tvb, pinfo, tree)
        if not entry.looks(tvb) then return false end
        protocol.dissect(tvb, pinfo, tree)
        return true
      end)
    end
  end
  for _, value in ipairs(entry.values) do
    own[value] = own[value] or {}
    local last = #own[value]
    local place = entry.looks and last > 0 and not own[value][last].looks and last or last + 1
    table.insert(own[value], place, choice)  -- those that look come before the one that does not
    if attached[own[value]] then
      table.insert(attached[own[value]].judges, judge)  -- Wireshark asks that one for this value
    end
    attached[own[value]] = attached[own[value]] or protocol
    local theirs, key = wireshark_table(entry.table), value
    if entry.table == "linktype" then key = wtap_encaps[ENCAPSULATIONS[value] or ""] end
    if theirs and key and #own[value] == 1 then
      pcall(theirs.add, theirs, key, protocol.proto)
    end
  end
end

local function offer(name, value, tvb, pinfo, root)
  -- Let whoever follows on this value dissect the payload; says whether somebody did.
  local own = tables[name] or {}
  for _, choices in ipairs({own[value] or {}, own.any or {}}) do
    for _, choice in ipairs(choices) do
      if not choice.looks or choice.looks(tvb) then
        choice.dissect(tvb, pinfo, root)
        return true
      end
    end
  end
  local theirs = not own[value] and wireshark_table(name)
  local found = theirs and theirs:get_dissector(value)
  if found then found:call(tvb, pinfo, root) end
  return found ~= nil and found ~= false
end

local function new_protocol(name, title)
  -- A protocol of this name; "rawlab_" goes before it where Wireshark has one of that name.
  for _, prefix in ipairs({"", "rawlab_"}) do
    for _, words in ipairs({title, title .. " (rawlab: " .. name .. ")"}) do
      local made, proto = pcall(Dissector.get, prefix .. name)  -- a name that is taken otherwise
      made = not (made and proto)
      if made then made, proto = pcall(Proto, prefix .. name, words) end
      if made then return {proto = proto, prefix = prefix, name = name, fields = {}} end
    end
  end
  error("Wireshark has protocols named " .. name .. " and rawlab_" .. name)
end

local function new_field(protocol, kind, name, ...)
  local made, field
  for _, prefix in ipairs({protocol.prefix, "rawlab_", "rawlab_other_"}) do
    made, field = pcall(ProtoField[kind], prefix .. name, ...)
    if made then break end
  end
  if not made then error(field) end
  protocol.fields[#protocol.fields + 1] = field
  return field
end

local FAULTS = {
  truncated = "The captured octets end before a field does",
  overrun = "A field runs over the end that a length sets",
  length = "A length is smaller than what it has to cover",
  value = "A value lies outside its bounds",
  malformed = "Malformed",
}

local function add_faults(protocol)
  protocol.expert = {}
  local list = {}
  for kind, text in pairs(FAULTS) do
    local group = kind == "value" and expert.group.PROTOCOL or expert.group.MALFORMED
    local level = kind == "value" and expert.severity.WARN or expert.severity.ERROR
    local name = "rawlab_fault." .. protocol.proto.name:lower() .. "." .. kind
    protocol.expert[kind] = ProtoExpert.new(name, text, group, level)
    list[#list + 1] = protocol.expert[kind]
  end
  protocol.proto.experts = list
end

local function dissect_one(protocol, tvb, pinfo, root)
  -- One header and what it carries; the octets they took, or nothing where some are missing.
  local s = {tvb = tvb, start = 0, at = 0, stop = tvb:len(), v = {}, p = {},
             expert = protocol.expert, tree = root:add(protocol.proto, tvb())}
  s.limit = s.stop
  local held, why = pcall(protocol.read, s)
  if not held then
    if type(why) ~= "table" then error(why, 0) end
    if why.kind then note(s, why.kind, why.text) end
    s.tree:set_len(s.at)
    return why.kind == "truncated" and 0 or tvb:len()
  end
  if s.beyond then note(s, "truncated", "the header is longer than its octets") end
  local ends = s.ends or protocol.takes_rest and s.limit or s.at
  s.tree:set_len(ends)
  if s.payload then
    if ends + s.payload > s.limit then
      note(s, "overrun", string.format("payload: want %d, got %d", s.payload, s.limit - ends))
      if protocol.stream then return 0 end
    end
    s.limit = math.min(s.limit, ends + s.payload)
  end
  if ends < s.limit then
    local inner = tvb(ends, s.limit - ends):tvb()
    if not (protocol.next and protocol.next(s, inner, pinfo, root)) then
      Dissector.get("data"):call(inner, pinfo, root)
    end
  end
  return s.limit
end

local PT_TCP = 2

local function finish(protocol)
  -- The protocol is declared: give Wireshark its fields and its dissector.
  protocol.proto.fields = protocol.fields
  add_faults(protocol)
  protocol.dissect = function(tvb, pinfo, root)
    pinfo.cols.protocol = protocol.proto.name
    if not (protocol.stream and pinfo.port_type == PT_TCP) then
      dissect_one(protocol, tvb, pinfo, root)
      return tvb:len()
    end
    local at = 0
    while at < tvb:len() do
      local took = dissect_one(protocol, tvb(at):tvb(), pinfo, root)
      if took == 0 then
        pinfo.desegment_offset = at
        pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
        return tvb:len()
      end
      at = at + took
    end
    return at
  end
  protocol.judges = {}
  protocol.proto.dissector = function(tvb, pinfo, root)
    for _, judge in ipairs(protocol.judges) do
      if judge.looks(tvb) then return judge.dissect(tvb, pinfo, root) end
    end
    return #protocol.judges > 0 and 0 or protocol.dissect(tvb, pinfo, root)
  end
end
"""
