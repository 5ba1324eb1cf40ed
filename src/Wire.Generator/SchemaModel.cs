namespace Barnabas.Wire.Generator;

/// <summary>One field of a message: a line of the schema.</summary>
internal sealed class Field
{
    public Field(string name, string type, int line) => (Name, Type, Line) = (name, type, line);

    public string Name { get; }

    /// <summary>The element type where <see cref="IsArray"/>, else the type; without <c>?</c>.</summary>
    public string Type { get; set; }

    public int Line { get; }

    public bool IsArray { get; set; }

    /// <summary>The versions in which null may be written.</summary>
    public Versions Nullable { get; set; } = Versions.None;

    public Versions Versions { get; set; }

    public int? Tag { get; set; }

    public string? Default { get; set; }

    /// <summary>May be dropped silently when a version without it is written.</summary>
    public bool Ignorable { get; set; }

    /// <summary>Never compact, whatever the version: the client id of request headers.</summary>
    public bool Plain { get; set; }

    /// <summary>A password, token or key: never printed.</summary>
    public bool IsSecret { get; set; }

    public string About { get; set; } = "";

    /// <summary>The members, where the struct is described in place.</summary>
    public List<Field> Fields { get; } = [];

    public bool IsNullable => !Nullable.IsEmpty;
}

/// <summary>A struct that several fields share, described once below them.</summary>
internal sealed class Struct
{
    public Struct(string name, string about, Versions versions) => (Name, About, Versions) = (name, about, versions);

    public string Name { get; }

    public string About { get; }

    public Versions Versions { get; }

    public List<Field> Fields { get; } = [];
}

/// <summary>What a message is for; it decides which interface the class implements.</summary>
internal enum MessageKind
{
    Request,
    Response,
    Record,
    CoordinatorKey,
    CoordinatorValue,
    Data,
}

/// <summary>One class to be: a request, a response, a record, or a piece of data.</summary>
internal sealed class Message
{
    public Message(MessageKind kind, string name, int? key, Versions versions, int flexibleFrom, string about) =>
        (Kind, Name, Key, Versions, FlexibleFrom, About) = (kind, name, key, versions, flexibleFrom, about);

    public MessageKind Kind { get; }

    public string Name { get; }

    /// <summary>The API key, or the record type.</summary>
    public int? Key { get; }

    public Versions Versions { get; }

    public int FlexibleFrom { get; }

    public string About { get; }

    /// <summary>The newest version exists but is not offered to clients yet.</summary>
    public bool IsUnstable { get; set; }

    /// <summary>Its objects can be read into again, so that who reads many of them makes none.</summary>
    public bool IsRefilled { get; set; }

    /// <summary>The newest version that is offered to clients.</summary>
    public int LastStable => Versions.Last - (IsUnstable ? 1 : 0);

    /// <summary>The class of the answer, where this is a request.</summary>
    public string? Response { get; set; }

    public List<Field> Fields { get; } = [];

    public List<Struct> Structs { get; } = [];
}

/// <summary>A domain name for a primitive: a line of types.wire.</summary>
internal sealed class DomainType
{
    public DomainType(string name, string primitive, string about) =>
        (Name, Primitive, About) = (name, primitive, about);

    public string Name { get; }

    public string Primitive { get; }

    public string About { get; }
}

/// <summary>An error of the protocol: a line of errors.wire.</summary>
internal sealed class ErrorLine
{
    public ErrorLine(int code, string name, bool retriable, bool refresh, string about) =>
        (Code, Name, Retriable, Refresh, About) = (code, name, retriable, refresh, about);

    public int Code { get; }

    public string Name { get; }

    public bool Retriable { get; }

    public bool Refresh { get; }

    public string About { get; }
}

/// <summary>A fault in a schema file, with the 1-based line it stands on.</summary>
internal sealed class SchemaException : Exception
{
    public SchemaException(int line, string message) : base(message) => Line = line;

    public int Line { get; }
}
