/*
 * vss-interfaces.h: the interfaces of vssapi.dll as tables of functions, for C++. The rows are those of vss-interfaces.def, in the order
 * of the slots. An interface of Windows named X is RP_X.
 */
#ifndef RP_VSS_INTERFACES_H
#define RP_VSS_INTERFACES_H

#include <windows.h>

#include <oleauto.h>
#include <unknwn.h>

#include "vss-types.h"

/* Parameters only; they are not called here. */
struct RP_IVssEnumObject;
struct RP_IVssWMDependency;
struct RP_IXMLDOMDocument;

struct RP_IVssWriterComponentsExt;
struct RP_IVssWMFiledesc;
struct RP_IVssComponent;
struct RP_IVssWMComponent;
struct RP_IVssExamineWriterMetadata;

#define VSS_TYPE(name) RP_##name
/* MSVC's bool and MinGW's boolean both have one byte. */
#define VSS_FLAG unsigned char
#define NO_BASE RP_NoBase
#define VSS_INTERFACE(name, base, first) struct RP_##name : public base {
#define VSS_METHOD(interface, slot, name, ...) virtual HRESULT STDMETHODCALLTYPE name(__VA_ARGS__) = 0;
#define VSS_END(name) \
  }               \
  ;
struct RP_NoBase {};
#include "vss-interfaces.def"
#undef VSS_TYPE
#undef VSS_FLAG
#undef NO_BASE
#undef VSS_INTERFACE
#undef VSS_METHOD
#undef VSS_END

/*
 * Objects from GetWriterComponents have two tables, and IUnknown is the second one: IVssWriterComponents derives from nothing.
 * MinGW-w64's header lacks the second base.
 */
struct RP_IVssWriterComponentsExt : public RP_IVssWriterComponents, public IUnknown {};

/* Exports of vssapi.dll (vsbackup.h). */
typedef HRESULT(STDAPICALLTYPE *RP_CREATE_VSS_BACKUP_COMPONENTS)(RP_IVssBackupComponents **);
typedef void(STDAPICALLTYPE *RP_VSS_FREE_SNAPSHOT_PROPERTIES)(RP_VSS_SNAPSHOT_PROP *);

#endif
