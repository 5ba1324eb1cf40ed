namespace Barnabas.Wire.Generator;

/// <summary>Writes the Read method of a message or struct.</summary>
internal sealed class ReadEmitter
{
    private readonly Message _message;
    private readonly FieldTypes _types;
    private readonly FieldSizes _sizes;
    private readonly CodeWriter _out;

    public ReadEmitter(Message message, FieldTypes types, CodeWriter output) =>
        (_message, _types, _sizes, _out) = (message, types, new FieldSizes(message, types), output);

    public void Emit(string type, List<Field> fields, Versions scope)
    {
        _out.Line("/// <summary>Reads what <see cref=\"Write\"/> writes; slices of bytes alias the frame.</summary>");
        _out.Line("/// <exception cref=\"MalformedFrameException\">The bytes are no such message.</exception>");
        _out.Block($"public static {type} Read(ref WireReader r, short version)", () =>
        {
            _out.Line($"var m = new {type}({(fields.Any(_types.HasObjectDefault) ? "blank: true" : "")});");
            if (_message.IsRefilled)
                _out.Line("m.Refill(ref r, version);");
            else
                ReadFields(fields, scope);
            _out.Line("return m;");
        });
        if (_message.IsRefilled)
            EmitRefill(fields, scope);
        EmitTags(type, fields, scope);
    }

    private void EmitRefill(List<Field> fields, Versions scope)
    {
        _out.Line("/// <inheritdoc cref=\"IRefilled.Refill\"/>");
        _out.Block("public void Refill(ref WireReader r, short version)", () =>
        {
            _out.Line("var m = this;");
            foreach (var f in fields.Where(f => f.Tag is not null))
                _out.Line($"m.{f.Name} = {_types.Default(f)};");
            _out.Line("m.UnknownTags = default;");
            ReadFields(fields, scope);
        });
    }

    private void ReadFields(List<Field> fields, Versions scope)
    {
        _out.Line($"var flexible = version >= {_message.FlexibleFrom};");
        foreach (var f in fields)
        {
            var condition = f.Versions.Condition(scope);
            if (f.Tag is null)
                _out.When(condition, () => ReadField(f));
            var mayBeAbsent = f.Tag is not null || condition.Length > 0;
            if (mayBeAbsent && (_types.HasObjectDefault(f) || (_message.IsRefilled && f.Tag is null)))
                _out.Line($"{(f.Tag is null ? "else " : "")}m.{f.Name} = {_types.Default(f)};");
        }

        _out.Line("if (flexible) ReadTags(m, ref r, version);");
    }

    private void EmitTags(string type, List<Field> fields, Versions scope) =>
        _out.Block($"private static void ReadTags({type} m, ref WireReader r, short version)", () =>
        {
            var tagged = fields.Where(f => f.Tag is not null).ToList();
            if (tagged.Count > 0)
                _out.Line("const bool flexible = true;");
            _out.Line("UnknownTags unknown = default;");
            _out.Line("var last = -1;");
            _out.Block("for (var count = r.ReadTagCount(); count > 0; count--)", () =>
            {
                _out.Line("var (tag, end) = r.BeginTag(ref last);");
                _out.Block("switch (tag)", () =>
                {
                    foreach (var f in tagged)
                    {
                        var condition = f.Versions.Condition(scope);
                        _out.Block($"case {f.Tag}{(condition.Length > 0 ? $" when {condition}" : "")}:", () =>
                        {
                            ReadField(f);
                            _out.Line("r.EndTag(end);");
                            _out.Line("break;");
                        });
                    }

                    _out.Line("default: r.KeepTag(ref unknown, tag, end); break;");
                });
            });
            _out.Line("m.UnknownTags = unknown;");
        });

    private void ReadField(Field f)
    {
        if (!f.IsArray)
        {
            _out.Line($"m.{f.Name} = {Value(f)};");
            return;
        }

        _out.Block("", () =>
        {
            _out.Line($"var n = r.ReadArrayCount(flexible, {_sizes.OnWire(f)}, {_sizes.OnHeap(f)});");
            _out.Line(f.IsNullable
                ? $"{NullGuard(f, "n < 0")}m.{f.Name} = n < 0 ? null : new(n);"
                : $"if (n < 0) throw MalformedFrameException.NullOf(\"{f.Name}\");");
            if (_message.IsRefilled && !f.IsNullable)
            {
                RefillArray(f);
                return;
            }

            if (!f.IsNullable)
                _out.Line($"if (n > 0) m.{f.Name} = new(n);");
            _out.Line($"for (var i = 0; i < n; i++) m.{f.Name}{(f.IsNullable ? "!" : "")}.Add({Element(f)});");
        });
    }

    private void RefillArray(Field f)
    {
        _out.Line($"var list = m.{f.Name};");
        var kept = _types.IsStruct(f) ? "Math.Min(list.Count, n)" : "0";
        _out.Line($"var kept = {kept};");
        _out.Line("list.RemoveRange(kept, list.Count - kept);");
        _out.Line("list.EnsureCapacity(n);");
        if (_types.IsStruct(f))
            _out.Line("for (var i = 0; i < kept; i++) list[i].Refill(ref r, version);");
        _out.Line($"for (var i = kept; i < n; i++) list.Add({Element(f)});");
    }

    private string Value(Field f)
    {
        if (_types.IsStruct(f))
        {
            return f.IsNullable
                ? $"r.ReadPresence() ? {_message.Name}.{f.Type}.Read(ref r, version) : {Null(f)}"
                : $"{_message.Name}.{f.Type}.Read(ref r, version)";
        }

        var flexible = f.Plain ? "false" : "flexible";
        return _types.Wire(f) switch
        {
            "string" or "bytes" or "records" when f.IsNullable =>
                $"r.ReadNullable{Suffix(f)}({flexible}{Likely(f)}){(AlwaysNullable(f) ? "" : $" ?? {Null(f)}")}",
            "string" or "bytes" or "records" => $"r.Read{Suffix(f)}({flexible}, \"{f.Name}\"{Likely(f)})",
            _ => Element(f),
        };
    }

    private string Element(Field f)
    {
        if (_types.IsStruct(f))
            return $"{_message.Name}.{f.Type}.Read(ref r, version)";
        return _types.Wire(f) switch
        {
            "string" or "bytes" or "records" => $"r.Read{Suffix(f)}(flexible, \"{f.Name}\")",
            _ when f.Type == "ErrorCode" => "(ErrorCode)r.ReadInt16()",
            _ when _types.IsDomain(f) => $"new {f.Type}(r.Read{Suffix(f)}())",
            _ => $"r.Read{Suffix(f)}()",
        };
    }

    /// <summary>What is read again and again is often the same.</summary>
    private string Likely(Field f) => _message.IsRefilled && _types.Wire(f) == "string" ? $", m.{f.Name}" : "";

    private static string Null(Field f) => AlwaysNullable(f)
        ? "null"
        : $"({f.Nullable.Condition(f.Versions)} ? null : throw MalformedFrameException.NullOf(\"{f.Name}\"))";

    private static string NullGuard(Field f, string isNull) => AlwaysNullable(f)
        ? ""
        : $"if ({isNull} && !({f.Nullable.Condition(f.Versions)})) " +
            $"throw MalformedFrameException.NullOf(\"{f.Name}\"); ";

    private static bool AlwaysNullable(Field f) => f.Nullable.Covers(f.Versions);

    private string Suffix(Field f)
    {
        var wire = _types.Wire(f);
        return wire switch
        {
            "uint16" => "UInt16",
            "uint32" => "UInt32",
            _ => char.ToUpperInvariant(wire[0]) + wire.Substring(1),
        };
    }
}
