// The real update manager of Squirrel.Windows, which stands hidden in its packer's program for mono: Client.exe PROGRAM URL APPLICATION ROOT.
// Prints the name of each package that it would apply, and downloads them.
using System;
using System.Collections;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;

class Client
{
    const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    static object Get(object owner, string name)
    {
        return owner.GetType().GetProperty(name).GetValue(owner, null);
    }

    static object[] Defaults(MethodBase method, params object[] first)
    {
        var rest = method.GetParameters().Skip(first.Length).Select(one => one.HasDefaultValue ? one.DefaultValue : null);
        return first.Concat(rest).ToArray();
    }

    static int Main(string[] args)
    {
        var type = Assembly.LoadFrom(args[0]).GetType("Squirrel.UpdateManager");
        var make = type.GetConstructors(Any).First(one => one.GetParameters()[0].ParameterType == typeof(string));
        using (var manager = (IDisposable)make.Invoke(Defaults(make, args[1], args[2], args[3])))
        {
            var check = type.GetMethod("CheckForUpdate");
            var asked = (Task)check.Invoke(manager, Defaults(check));
            asked.Wait();
            var apply = (IEnumerable)Get(Get(asked, "Result"), "ReleasesToApply");
            foreach (var release in apply) Console.WriteLine(Get(release, "Filename"));
            var download = type.GetMethod("DownloadReleases");
            ((Task)download.Invoke(manager, Defaults(download, apply))).Wait();
        }
        return 0;
    }
}
