namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>Something that goes wrong, and is put right again.</summary>
/// <param name="what">What it is, with whom it hits.</param>
internal abstract class Fault(string what)
{
    /// <inheritdoc/>
    public override string ToString() => what;

    /// <summary>Makes it go wrong.</summary>
    /// <exception cref="Place.PlaceException">This machine cannot.</exception>
    public abstract Task InjectAsync();

    /// <summary>Puts it right: from now on nothing is in the cluster's way.</summary>
    public abstract Task HealAsync();
}
