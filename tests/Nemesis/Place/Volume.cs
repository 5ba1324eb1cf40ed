namespace Barnabas.Tests.Nemesis.Place;

/// <summary>A small file system of its own, which can be filled up.</summary>
internal sealed class Volume
{
    private const int Megabytes = 256;
    private readonly string _path;

    /// <summary>Mounts it, where the site can.</summary>
    /// <exception cref="PlaceException">The machine does not allow it.</exception>
    public Volume(Site site, string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        if (site.HasVolumes)
            Shell.Do("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m", "none", path);
    }

    private string Ballast => Path.Combine(_path, "ballast");

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var piece in new[] { 1 << 20, 1 << 12 })
        {
            var zeros = new byte[piece];
            try
            {
                while (true)
                    ballast.Write(zeros);
            }
            catch (IOException)
            {
                // That is what full means; the rest may take a smaller piece.
            }
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Empty() => File.Delete(Ballast);
}
