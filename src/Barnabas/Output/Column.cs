namespace Barnabas.Cli;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name; in JSON it begins with a small letter.</param>
/// <param name="IsWide">True when only <c>-o wide</c> shows it to people; programs always see it.</param>
internal readonly record struct Column(string Name, bool IsWide = false)
{
    /// <summary>A column that people always see.</summary>
    public static implicit operator Column(string name) => new(name);

    /// <summary>A column that only <c>-o wide</c> shows.</summary>
    public static Column Wide(string name) => new(name, IsWide: true);
}
