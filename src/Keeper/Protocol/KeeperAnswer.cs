namespace Barnabas.Keeper;

/// <summary>How a request ended, and what it gave.</summary>
/// <param name="Error">How it ended.</param>
/// <param name="Value">What it gave; the default unless <see cref="IsOk"/>.</param>
/// <typeparam name="T">What it gives.</typeparam>
public readonly record struct KeeperAnswer<T>(KeeperError Error, T Value)
{
    /// <summary>True when it was done.</summary>
    public bool IsOk => Error == KeeperError.None;
}
