using System.Security.Cryptography;

namespace Aerona.Notifications.Hooks;

/// <summary>Keys made on one machine where none is configured: files in <c>keys</c> of the data folder, their owner's alone.</summary>
internal static class OwnKeys
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The text in that file; made when it is not there.</summary>
    public static string ReadOrMake(string dataFolder, string name, Func<string> make)
    {
        var file = Path.GetFullPath(Path.Combine(dataFolder, "keys", name));
        if (!File.Exists(file))
        {
            var folder = Path.GetDirectoryName(file)!;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
                options.UnixCreateMode = OwnerOnly;
            }

            // Whole when it has its name: a process killed in between leaves a draft that nobody reads.
            var draft = $"{file}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.draft";
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(make()));
                stream.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft);   // another process was faster; its key is everybody's
            }
        }

        return File.ReadAllText(file).Trim();
    }
}
