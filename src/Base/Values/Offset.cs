namespace Barnabas.Base;

public readonly partial record struct Offset
{
    /// <summary>No offset: unknown, or not given.</summary>
    public static readonly Offset None = new(-1);

    /// <summary>The first offset of every partition.</summary>
    public static readonly Offset Zero = new(0);

    /// <summary>The offset <paramref name="records"/> further on.</summary>
    public static Offset operator +(Offset offset, long records) => new(checked(offset.Value + records));

    /// <summary>The offset <paramref name="records"/> before.</summary>
    public static Offset operator -(Offset offset, long records) => new(checked(offset.Value - records));

    /// <summary>How many offsets lie from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static long operator -(Offset left, Offset right) => checked(left.Value - right.Value);

    /// <summary>The smaller of two.</summary>
    public static Offset Min(Offset a, Offset b) => a < b ? a : b;

    /// <summary>The larger of two.</summary>
    public static Offset Max(Offset a, Offset b) => a > b ? a : b;
}
