using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>A disk that is simulated: it forgets what was not synced when the machine crashes, fails when it is told
/// to, and fills up. Everything follows from a seed.</summary>
/// <remarks>
/// Names become durable by <see cref="SyncDirectory"/>, all that came before together, as in a file system with a
/// journal; a crash keeps a prefix of the others. Bytes become durable by syncing the file. A sync that fails loses
/// what it should have made durable for good, and the next one says yes: as Linux does.
/// </remarks>
public sealed partial class SimDisk : IDisk
{
    private readonly RandomSource _random;
    private readonly ILaneFactory? _lanes;
    private readonly SortedDictionary<string, SimInode?> _names = new(StringComparer.Ordinal) { [""] = null };
    private readonly HashSet<string> _locks = [];
    private readonly List<Action<SortedDictionary<string, SimInode?>>> _journal = [];
    private readonly SortedDictionary<string, SimInode?> _durableNames = new(StringComparer.Ordinal) { [""] = null };

    /// <summary>An empty disk.</summary>
    /// <param name="seed">What chance follows from.</param>
    /// <param name="lanes">Where asynchronous syncs run; null to run them at once.</param>
    public SimDisk(int seed, ILaneFactory? lanes = null)
    {
        _random = new SimRandom((ulong)seed ^ 0x2545f4914f6cdd1d);
        _lanes = lanes;
    }

    /// <summary>How often the machine has started.</summary>
    internal int Life { get; private set; }

    /// <summary>Files that are open.</summary>
    public int OpenFiles { get; private set; }

    /// <inheritdoc/>
    public DiskFile Open(string path, OpenMode mode)
    {
        Step("open", path);
        path = Plain(path);
        var exists = _names.TryGetValue(path, out var inode);
        if (exists && (inode is null || mode == OpenMode.CreateNew))
            throw new IOException($"open {path}: there is such a name already");
        if (!exists && (mode == OpenMode.Read || !IsDirectory(Parent(path))))
            throw new FileNotFoundException($"open {path}: no such file", path);
        if (!exists)
        {
            inode = new SimInode();
            Change(names => names[path] = inode);
        }

        OpenFiles++;
        return new SimFile(this, inode!, path, mode != OpenMode.Read);
    }

    /// <inheritdoc/>
    public bool FileExists(string path)
    {
        Step("stat", path);
        return _names.TryGetValue(Plain(path), out var inode) && inode is not null;
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path)
    {
        Step("stat", path);
        return IsDirectory(Plain(path));
    }

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory)
    {
        Step("list", directory);
        var front = Plain(directory);
        if (!IsDirectory(front))
            throw new FileNotFoundException($"list {directory}: no such directory", directory);
        return [.. _names.Where(entry => IsIn(front, entry.Key))
            .Select(entry => new DiskEntry(Path.GetFileName(entry.Key), entry.Value is null))];
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        Step("mkdir", path);
        var missing = new Stack<string>();
        for (var name = Plain(path); !IsDirectory(name); name = Parent(name))
            missing.Push(name);
        foreach (var name in missing)
            Change(names => names[name] = null);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Step("rename", from);
        var (old, replaced) = (Plain(from), Plain(to));
        if (!_names.ContainsKey(old))
            throw new FileNotFoundException($"rename {from}: no such file", from);
        Change(names =>
        {
            foreach (var name in Within(names, old))
            {
                names[replaced + name[old.Length..]] = names[name];
                names.Remove(name);
            }
        });
    }

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        Step("unlink", path);
        var name = Plain(path);
        if (_names.TryGetValue(name, out var inode) && inode is not null)
            Change(names => names.Remove(name));
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        Step("rmdir", path);
        var front = Plain(path);
        if (!IsDirectory(front))
            throw new FileNotFoundException($"rmdir {path}: no such directory", path);
        Change(names =>
        {
            foreach (var name in Within(names, front))
                names.Remove(name);
        });
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        Step("sync directory", path);
        if (!IsDirectory(Plain(path)))
            throw new FileNotFoundException($"fsync {path}: no such directory", path);
        KeepNames();
    }

    /// <inheritdoc/>
    public IDisposable? TryLock(string path)
    {
        Open(path, OpenMode.ReadWrite).Dispose();
        return _locks.Add(Plain(path)) ? new Held(this, Plain(path), Life) : null;
    }

    /// <inheritdoc/>
    public (long Total, long Free) Space(string path)
    {
        Step("statfs", path);
        var used = Used;
        return (Capacity, Math.Max(Capacity - used, 0));
    }

    internal void Closed() => OpenFiles--;

    internal Task<T> RunAsync<T>(Func<T> work)
    {
        if (_lanes is not null)
            return _lanes.RunBlockingAsync(work);
        try
        {
            return Task.FromResult(work());
        }
        catch (IOException fault)
        {
            return Task.FromException<T>(fault);
        }
    }

    private static string Plain(string path) => path.Replace('\\', '/').Trim('/') is "." or "" ? "" : path.Trim('/');

    private static string Parent(string name) => name.LastIndexOf('/') is >= 0 and var slash ? name[..slash] : "";

    // Whether a name is that of an entry of a directory, without a string made for each that is not.
    private static bool IsIn(string directory, string name)
    {
        var entry = directory.Length == 0 ? 0 : directory.Length + 1;
        return name.Length > entry && (entry == 0 || IsBelow(directory, name)) && name.IndexOf('/', entry) < 0;
    }

    private static bool IsBelow(string directory, string name) => name.Length > directory.Length
        && name[directory.Length] == '/' && name.StartsWith(directory, StringComparison.Ordinal);

    /// <summary>A name, and where it is a directory's the names below it.</summary>
    private static List<string> Within(SortedDictionary<string, SimInode?> names, string top) =>
        names[top] is not null ? [top] : [.. names.Keys.Where(name => name == top || IsBelow(top, name))];

    private bool IsDirectory(string name) => _names.TryGetValue(name, out var inode) && inode is null;

    private void Change(Action<SortedDictionary<string, SimInode?>> change)
    {
        change(_names);
        _journal.Add(change);
    }

    // By the changes alone: a copy of all names would make every sync dearer than the last.
    private void KeepNames()
    {
        foreach (var change in _journal)
            change(_durableNames);
        _journal.Clear();
    }

    /// <summary>The bytes that all files take up.</summary>
    public long Used => _names.Values.Distinct().Sum(static inode => inode?.Allocated ?? 0);

    private sealed class Held(SimDisk disk, string path, int life) : IDisposable
    {
        public void Dispose()
        {
            if (life == disk.Life)
                disk._locks.Remove(path);
        }
    }
}
