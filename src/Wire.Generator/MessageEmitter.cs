namespace Barnabas.Wire.Generator;

/// <summary>Writes the C# of one message: a class, a nested class a struct, with Read and Write over every
/// version.</summary>
internal sealed class MessageEmitter
{
    private readonly Message _message;
    private readonly FieldTypes _types;
    private readonly CodeWriter _out;
    private readonly ReadEmitter _read;
    private readonly WriteEmitter _write;
    private readonly TextEmitter _text;
    private readonly ErrorsEmitter _errors;

    public MessageEmitter(Message message, IReadOnlyDictionary<string, string> domain, CodeWriter output)
    {
        _message = message;
        _types = new FieldTypes(message, domain);
        _out = output;
        _read = new ReadEmitter(message, _types, output);
        _write = new WriteEmitter(message, _types, output);
        _text = new TextEmitter(message, _types, output);
        _errors = new ErrorsEmitter(_types, output);
    }

    public void Emit()
    {
        var check = new SchemaCheck(_types);
        check.Check(_message.Fields);
        foreach (var shared in _message.Structs)
            check.Check(shared.Fields);
        _out.Line("");
        _out.Summary(_message.About);
        var interfaces = $"{Interface()}{Throttled()}{Timed()}{Refilled()}, IDescribed";
        _out.Block($"public sealed class {_message.Name} : {interfaces}", () =>
        {
            EmitIdentity();
            EmitMembers(_message.Name, _message.Fields, _message.Versions);
            if (_message.Kind == MessageKind.Response)
                _errors.EmitResponse(_message.Fields);
            EmitStructs(_message.Fields);
            foreach (var shared in _message.Structs)
            {
                EmitStruct(shared.Name, shared.About, shared.Fields, shared.Versions);
                EmitStructs(shared.Fields);
            }
        });
    }

    private string Interface() => _message.Kind switch
    {
        MessageKind.Request when _message.Response is { } answer => $"IRequest<{_message.Name}, {answer}>",
        MessageKind.Request => $"IApiMessage<{_message.Name}>",
        MessageKind.Response => $"IApiMessage<{_message.Name}>, IErrorCounted",
        MessageKind.Data => $"IMessage<{_message.Name}>",
        _ => $"ITypedRecord<{_message.Name}>",
    };

    private string Throttled() =>
        _message.Kind == MessageKind.Response && _message.Fields.Any(f => f.Name == "ThrottleTimeMs")
            ? ", IThrottled"
            : "";

    private string Timed() =>
        _message.Kind == MessageKind.Request
            && _message.Fields.Any(f => f.Name == "TimeoutMs" && f.Versions.Covers(_message.Versions))
            ? ", ITimed"
            : "";

    private string Refilled() => _message.IsRefilled ? ", IRefilled" : "";

    private void EmitIdentity()
    {
        if (_message.Kind is MessageKind.Request or MessageKind.Response)
        {
            _out.Line("/// <inheritdoc/>");
            _out.Line($"public static ApiKey ApiKey => (ApiKey){_message.Key};");
            _out.Line("/// <inheritdoc/>");
            _out.Line($"public static short LastStableVersion => {_message.LastStable};");
        }
        else if (_message.Kind != MessageKind.Data)
        {
            _out.Line("/// <inheritdoc/>");
            _out.Line($"public static short Type => {_message.Key};");
            _out.Line("/// <inheritdoc/>");
            _out.Line($"short ITypedRecord.RecordType => {_message.Key};");
            _out.Line("/// <inheritdoc/>");
            _out.Line($"short ITypedRecord.HighestVersion => {_message.Versions.Last};");
        }

        _out.Line("/// <inheritdoc/>");
        _out.Line($"public static short FirstVersion => {_message.Versions.First};");
        _out.Line("/// <inheritdoc/>");
        _out.Line($"public static short LastVersion => {_message.Versions.Last};");
        _out.Line("/// <inheritdoc/>");
        _out.Line($"public static bool IsFlexible(short version) => version >= {_message.FlexibleFrom};");
    }

    /// <summary>Structs of every depth stand side by side in the message's class, so that their names stay
    /// short.</summary>
    private void EmitStructs(List<Field> fields)
    {
        foreach (var f in fields.Where(f => f.Fields.Count > 0))
        {
            EmitStruct(f.Type, f.About, f.Fields, f.Versions);
            EmitStructs(f.Fields);
        }
    }

    private void EmitStruct(string name, string about, List<Field> fields, Versions versions)
    {
        _out.Summary(about);
        _out.Block($"public sealed class {name} : IDescribed", () =>
        {
            EmitMembers(name, fields, versions);
            if (_message.Kind == MessageKind.Response)
                _errors.EmitStruct(fields);
        });
    }

    private void EmitMembers(string type, List<Field> fields, Versions scope)
    {
        EmitConstructors(type, [.. fields.Where(_types.HasObjectDefault)]);
        foreach (var f in fields)
        {
            _out.Summary(f.About);
            if (f.IsSecret)
                _out.Line("/// <remarks>Secret: never printed.</remarks>");
            EmitProperty(f);
        }

        _out.Line("/// <summary>Tagged fields this version does not know, kept as they came (KIP-482).</summary>");
        _out.Line("public UnknownTags UnknownTags { get; set; }");
        _read.Emit(type, fields, scope);
        _write.Emit(fields, scope);
        _text.Emit(fields);
        EmitIsDefault(fields);
    }

    private void EmitProperty(Field f)
    {
        if (!_types.IsLazy(f))
        {
            _out.Line($"public {_types.Clr(f)} {f.Name} {{ get; set; }}{_types.Initializer(f)}");
            return;
        }

        var backing = FieldTypes.Backing(f);
        _out.Line(
            $"public {_types.Clr(f)} {f.Name} " +
                $"{{ get => {backing} ??= {FieldTypes.ObjectDefault(f)}; set => {backing} = value; }}");
        _out.Line($"private {_types.Clr(f)}? {backing};");
    }

    /// <summary>The public constructor sets what is an object; the other leaves it to the reader.</summary>
    private void EmitConstructors(string type, List<Field> objects)
    {
        if (objects.Count == 0)
            return;
        _out.Line("/// <summary>All fields at their defaults.</summary>");
        _out.Block($"public {type}()", () =>
        {
            foreach (var f in objects)
                _out.Line($"{f.Name} = {FieldTypes.ObjectDefault(f)};");
        });
        _out.Line($"private {type}(bool blank) {{ }}");
    }

    private void EmitIsDefault(List<Field> fields)
    {
        _out.Line("/// <summary>True when every field holds its default: it is then no tagged field.</summary>");
        var conditions = fields.Select(_types.IsDefault).Concat(["UnknownTags.Count == 0"]);
        _out.Line($"internal bool IsDefault => {string.Join(" && ", conditions)};");
    }
}
